"""Pages: one module a page or a small family of pages, each handler with its declared roles.

A page module holds Litestar handlers; it reads through stores and use cases and renders a template with
`web.rendering.page`. Add its handlers to `web.wiring.Wiring.routes`.
"""
