"""Objections (异议) to reports, their window, and the fixing of the reference price once all windows are over.

Words: objection (异议), window (异议期), decision on an objection: rejected, upheld (异议处理: 驳回、成立), reference price fixed
(参考价确定), valid until (有效期至).
"""
