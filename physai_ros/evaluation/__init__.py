"""The whole chain in one process, in simulated time: closed-loop trials and their figures."""
