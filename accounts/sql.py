"""The statements of this app that are not ORM; each is run by a test."""

# What Region.save() writes, for all at once: the names from the province down, without the filler that
# stands between a municipality and its districts.
FULL_NAMES = """
UPDATE accounts_region r SET full_name = whole.name
FROM (
    SELECT c.code, left(string_agg(a.name, '' ORDER BY a.code)
        FILTER (WHERE (a.name <> '市辖区' OR a.code = c.code) AND above.name IS DISTINCT FROM a.name), 200) AS name
    FROM accounts_region c
    JOIN accounts_region a ON a.code = ANY (ARRAY[left(c.code, 2), left(c.code, 4), left(c.code, 6),
        left(c.code, 9), left(c.code, 12), c.code])
    LEFT JOIN accounts_region above  -- 东莞市 stands on two levels
        ON length(a.code) = 6 AND above.code = left(a.code, 4)
    GROUP BY c.code
) whole
WHERE r.code = whole.code AND r.full_name <> whole.name
"""
