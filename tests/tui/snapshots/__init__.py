"""How the screens look, as text, one file a scene and size."""
