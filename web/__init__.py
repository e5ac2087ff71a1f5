"""The site: what people and programs see of the house, over HTTP.

`app.create_app` builds it from a `wiring.Wiring`, which is the only place that makes concrete choices. Pages are
rendered on the server, Chinese first; every one works without JavaScript. Who may do what is decided twice: a
route's declared roles keep strangers out (`auth.guards`), and the use case itself checks the actor.

Words: visit (一次请求), account (账户), sign-in (登录), sign-out (退出), sign-in session (登录会话), role (岗位 / 身份),
officer (办案人员), administrator (系统管理员), sample account (示例账户), refusal (不予办理), incident (故障编号),
page (页面), form (表单), stamp (环境标记: 生产 / 测试 / 演示), command (操作), room ticket (入场券).
"""
