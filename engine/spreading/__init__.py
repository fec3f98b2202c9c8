"""Many videos over the machines of a Ray cluster: Ray says which machine does a shard, the store keeps what is done."""
