"""Parts of the job manifest: reading, looking at images, finding the same one twice, and telling of it."""
