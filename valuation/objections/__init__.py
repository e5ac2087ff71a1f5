"""Objections (异议) to reports, their window, and the fixing of the reference price once all windows are over."""
