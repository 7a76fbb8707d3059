"""Kernels compiled for this machine: written in Python, declared, built once, cached and loaded."""
