"""Kernels: arrays and numbers in and out, and nothing else."""
