"""Pages: one module a page or a small family of pages, each handler with its declared roles.

A page module holds Litestar handlers; it reads through stores and use cases and renders a template with
`web.rendering.page`. Add its handlers to `web.wiring.Wiring.routes`.

Words: page (页面), form (表单), main step (主要操作), desk (工作台: what waits for an officer), error summary (错误汇总).
"""
