"""Small programs that are sent to a machine and run there: one file each, Python 3.8 and its standard library."""
