"""Jobs over many videos for schedulers that are not ours: SkyPilot, Google Batch."""
