-- Copies of one announced lot, with what everybody reads of it; {lots} of them, under ids drawn from their number.
-- Of a hundred: 5 open, 3 to come, 1 stopped, 61 sold, 30 failed. Nothing is checked while they go in: they copy what was.
SET session_replication_role = replica;
SET synchronous_commit = off;
CREATE TEMP TABLE made AS
SELECT i, md5('case' || i)::uuid AS case_id, md5('asset' || i)::uuid AS asset_id, md5('lot' || i)::uuid AS lot_id,
       md5('round' || i)::uuid AS round_id, md5('session' || i)::uuid AS session_id,
       CASE WHEN i % 100 < 5 THEN 'open' WHEN i % 100 < 8 THEN 'announced' WHEN i % 100 < 9 THEN 'stopped'
            WHEN i % 100 < 70 THEN 'sold' ELSE 'failed' END AS state,
       kernel.now_at() + CASE WHEN i % 100 < 5 THEN interval '-20 hours' WHEN i % 100 < 9 THEN interval '2 days'
            ELSE interval '-3 days' - make_interval(mins => i * 7) END + make_interval(secs => i % 3600) AS opens_at,
       (ARRAY['home', 'home', 'building', 'land', 'vehicle', 'movable', 'equity', 'right'])[1 + i % 8] AS asset_class,
       (ARRAY['住宅一套', '住宅一套', '商铺一间', '工业用地一宗', '小型轿车一辆', '机器设备一批', '公司股权', '商标专用权'])[1 + i % 8] AS thing,
       (ARRAY['北京市朝阳区', '上海市徐汇区', '广东省深圳市南山区', '浙江省杭州市西湖区', '四川省成都市锦江区', '江苏省南京市鼓楼区',
              '湖北省武汉市洪山区', '陕西省西安市雁塔区', '山东省青岛市市南区', '福建省厦门市思明区', '广西壮族自治区南宁市青秀区'])[1 + i / 8 % 11] AS place,
       (ARRAY['人民路', '中山路', '解放大道', '建设街', '和平路', '滨江大道', '科技园路'])[1 + i / 88 % 7] AS road,
       100000000 + i % 5000 * 1000000::bigint AS reserve_fen,
       CASE WHEN i % 100 >= 70 OR i % 100 BETWEEN 5 AND 8 THEN 0 WHEN i % 50 = 1 THEN 246 ELSE 12 END AS bids
FROM generate_series(1, {lots}) AS i;

INSERT INTO sale.case_file SELECT m.case_id, '(2026)示' || m.i || '执' || m.i || '号', m.place || '人民法院', c.court_code, c.handler_person_id,
    c.handler_name, c.telephone, c.supervision_telephone, c.instrument, c.instrument_number, c.instrument_court, c.instrument_is_secret,
    c.case_account_number, c.opened_at FROM made m, sale.case_file c WHERE c.case_id = '{case_id}';
INSERT INTO sale.asset SELECT m.asset_id, m.case_id, m.asset_class, m.thing, m.place || m.road || m.i || '号', a.registry_number, a.in_custody,
    a.recorded_at FROM made m, sale.asset a WHERE a.case_id = '{case_id}';
INSERT INTO sale.asset_fact SELECT m.asset_id, f.number, f.field, f.zh, f.en, f.source, f.as_of, f.recorded_at FROM made m, sale.asset_fact f
    JOIN sale.asset a USING (asset_id) WHERE a.case_id = '{case_id}';
INSERT INTO sale.lot SELECT m.lot_id, m.case_id, m.asset_id, m.state, 1, t.created_at FROM made m, sale.lot t WHERE t.lot_id = '{lot_id}';
INSERT INTO sale.listing SELECT m.lot_id, 1, l.kind, l.reference_price_id, m.reserve_fen, m.reserve_fen / 10, l.increment_fen, m.opens_at,
    m.opens_at + interval '1 day', l.terms || jsonb_build_object('title_zh', m.place || m.road || m.i || '号' || m.thing,
        'title_en', 'Lot ' || m.i || ', ' || m.asset_class), l.findings, l.question_id, l.listed_by, l.listed_at
    FROM made m, sale.listing l WHERE l.lot_id = '{lot_id}' AND l.version = 1;
INSERT INTO sale.round SELECT m.round_id, m.lot_id, m.case_id, 1, r.kind, 1, m.session_id, m.state, m.opens_at, m.opens_at + interval '1 day',
    m.opens_at - interval '30 days' FROM made m, sale.round r WHERE r.lot_id = '{lot_id}';
INSERT INTO sale.notice SELECT m.round_id, m.lot_id, n.content, n.sha256, n.published_at FROM made m, sale.notice n WHERE n.lot_id = '{lot_id}';
INSERT INTO bidding.session (session_id, lot_id, round_id, shard, terms, genesis, recorded_at, phase, sequence, digest, epoch, last_us,
    opens_us, end_us, price_fen, leader, bid_count)
    SELECT m.session_id, m.lot_id, m.round_id, 0, '{terms}', decode(repeat('00', 32), 'hex'), m.opens_at,
        CASE WHEN m.state = 'open' THEN 'running' WHEN m.state IN ('announced', 'stopped') THEN 'recorded' ELSE 'closed' END,
        CASE WHEN m.state IN ('announced', 'stopped') THEN 0 ELSE m.bids + 1 END, decode(repeat('00', 32), 'hex'), 1,
        (extract(epoch FROM m.opens_at) * 1000000)::bigint, (extract(epoch FROM m.opens_at) * 1000000)::bigint,
        (extract(epoch FROM m.opens_at + interval '1 day') * 1000000)::bigint,
        CASE WHEN m.bids > 0 THEN m.reserve_fen + (m.bids - 1) * 1000000 ELSE 0 END, CASE WHEN m.bids > 0 THEN 'A' || m.bids % 9 ELSE '' END, m.bids
    FROM made m;
INSERT INTO bidding.journal_event SELECT m.session_id, n, 0, 1, row_number() OVER (), 1,
    (extract(epoch FROM m.opens_at) * 1000000)::bigint + n * 1000000, 'bid', 'A' || n % 9, m.i || '-' || n,
    format('{{"event":"bid","seq":%s,"at_us":%s,"bid_id":"%s","code":"%s","amount_fen":%s,"kind":"bid","price_fen":%s,"leader":"%s","end_us":%s,"extended":false,"received_us":%s}}',
        n, (extract(epoch FROM m.opens_at) * 1000000)::bigint + n * 1000000, m.i || '-' || n, 'A' || n % 9, m.reserve_fen + (n - 1) * 1000000,
        m.reserve_fen + (n - 1) * 1000000, 'A' || n % 9, (extract(epoch FROM m.opens_at + interval '1 day') * 1000000)::bigint,
        (extract(epoch FROM m.opens_at) * 1000000)::bigint + n * 1000000), decode(repeat('00', 32), 'hex')
    FROM made m, LATERAL generate_series(1, m.bids) AS n;
INSERT INTO sale.outcome SELECT m.round_id, m.session_id, m.lot_id, m.state, CASE WHEN m.bids > 0 THEN m.reserve_fen + (m.bids - 1) * 1000000 END,
    CASE WHEN m.bids > 0 THEN 'A' || m.bids % 9 END, CASE WHEN m.bids > 0 THEN m.round_id END, m.opens_at + interval '1 day', m.bids, m.bids + 1,
    repeat('0', 64), m.opens_at + interval '1 day' FROM made m WHERE m.state IN ('sold', 'failed');
SET session_replication_role = DEFAULT;
ANALYZE;
SELECT sale.refresh_catalogue(NULL);
