"""Replay: any stored answer given again from what was stored with it, bit for bit, or the first difference named."""
