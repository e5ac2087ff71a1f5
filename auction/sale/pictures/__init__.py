"""Pictures of a lot (照片): brought by the court, examined, made anew in sizes, shown with their captions, superseded on record.

Words: what was *brought* (上传) lies in *quarantine* (隔离) until it is *examined* (检查); a *fit* picture is shown; it is *removed*
(移除) before the first notice, and *superseded* (更换) after it; a *withheld* one (停止公开) the public does not see any more.
"""
