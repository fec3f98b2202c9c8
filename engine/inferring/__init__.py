"""The parts of the job infer: what is asked, how it runs, what it tells and leaves."""
