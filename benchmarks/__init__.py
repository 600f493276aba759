"""Measurements, each as a ratio to a limit taken in the same run: absolute times mean nothing on another machine."""
