"""Writes expected.json: what the real AWS CLI prints for the cases below.

    python3 regenerate.py /path/to/aws
"""

import itertools
import json
import pathlib
import sys

from oracle import LIST_KEYS, Oracle

FORMATS = ["json", "yaml", "yaml-stream", "text", "table", "off"]

ACCOUNTS = [
    {"accountId": "000000000001", "accountName": "A: b", "emailAddress": "a@b.example"},
    {"accountId": "123456789012", "accountName": ""},
    {"emailAddress": "日本語@x.example"},
]
TWO_PAGES = [
    {"nextToken": "1", "accountList": ACCOUNTS[:2]},
    {"accountList": ACCOUNTS[2:]},
]
ROLES = [{"roleList": [
    {"roleName": "Admin", "accountId": "1"}, {"roleName": "It's \"r/o\"", "accountId": "1"},
]}]
CREDENTIALS = [{"roleCredentials": {
    "accessKeyId": "ASIAEXAMPLE", "secretAccessKey": "example", "sessionToken": "t" * 70,
    "expiration": 1700000000000,
}}]
IDENTITY = [{
    "UserId": "AROAEXAMPLE:user@example.com", "Account": "012345678901",
    "Arn": "arn:aws:sts::012345678901:assumed-role/AWSReservedSSO_Admin_0123456789abcdef/user",
}]

WORDS = """yes no on true True TRUE tRue null Null nUll ~ = << 1 01 08 1.0 1. .5 +.5 -.5e+3 .5e3 1e3
1E+5 1.e5 0x1f 0x 0xg 0o17 0o8 0b12 0b01 1_000 _1 1__ -_ + - -1 +1 . .. ... .inf -.Inf .nan
-.nan 12:30:45 2020-01-01 2020-1-1 2020-01-01T10:00:00Z 2020-1-1T1:00:00.5+01:00 2020-01-01x
1e 1e+ e1 -a ? ?a : a: a:b #a a#b [a a] {a a} a,b ,a &a *a !a |a >a 'a a'b "a a"b %a @a `a
--- --a \\ a\\b é 日本語 ١""".split()
PHRASES = [
    "", " ", " a", "a ", "- a", "? a", ": a", "a: b", "a #b", "# a", "--- a", "...a",
    "2020-01-01 10:00:00", "2020-01-01  10:00:00.123 -7", "2020-01-01 10:00", "2020-01-01 10:00:00 ",
    "a\tb", "\ta", "a\nb", "a\n", "\na", "a\n b", "a \nb", "a\n\nb", "\n", "\n\n", "'\n'", "null\n",
    "a\rb", "a\r\nb", "\x00", "\x07\x08\x0b\x0c", "\x1b[31mred\x1b[0m", "\x7f", "\x80\x85\x9b",
    "a\u2028b", "a\u2028", "a\u2029 b", "\ufeffa", "a\ufeff", "\ufffe", "\ufffd", "\ud7ff\ue000",
    "😀", "\u202eevil", "\u200b", "\u00a0", "😀\u00a0\"\\",
    "x" * 200, "word " * 30, ("word " * 30).strip(), ("word  " * 30).strip(), "it's " * 25 + "end",
    "a\nb " * 30 + "c", ("é " * 100).strip(), "a\t" * 60 + "b", "\x07 word " * 30 + "c",
    "\x07" * 100 + " a", "x " * 45 + "\x07", "\x07" + " " * 100 + "x", "y: " * 50, "x" * 85 + " ",
    "x" * 85 + " y", "x" * 85 + "  y", " " + "x" * 85 + " y", "'" * 50 + " x " * 20 + "'",
    "word " * 20 + "\n" + "word " * 20,
]

SHAPES = [
    '[{"a":1},{"a":[1,"x",{"b":null,"it\'s":"q\\"\'"}]}]', '[{"a":1},"x"]', '["x",{"a":1}]',
    '[1,[2,[3,4]],[5]]', "[[1,2],[3]]", "[[],1]", '{"a":[]}', '{"a":{}}', "[[]]", "[null]", "[]",
    "{}", "null", "true", "false", "0", "1.5", "1e16", "-0.0", '""', '"x"', '"é\\n"',
    '{"a":{"b":1,"c":2},"d":[1,2],"e":[[1],[2]]}', '[{"a":{}},{"a":{"b":1}}]',
    '{"a":{"b":{"c":{"d":1,"e":2}}}}', "[[1,[2]],3]", '[[{"a":1}]]',
    '[[{"a":1,"b":2},{"a":3}],[{"c":1}]]', '[[{"a":1,"b":[1]},{"a":2}]]', '[true,1.5,null,"x"]',
    '{"a":true,"b":null,"c":1e20}', '{"k":[{"x":1,"y":[1,2]},{"x":2}]}',
    '{"a":"%s","b":2}' % ("long text " * 9), '{"a":"tab\\there","b":"new\\nline"}',
    '[{"a":1,"b":{"c":2}},{"a":3,"b":{"c":4}}]', "[{}]", '[{},{"a":1}]', '{"":1,"b":2}',
    '{"":[1],"b":{"":{"x":1}}}', '[["ab","c"],["日本語","é…"]]', '[{"a":[[1,2],[3,4]]}]',
    '{"b":[{"c":[{"d":[1,2]}]}]}', "[[[[1,2],[3]]]]", '{"straße":[1],"x":{"y":"z"}}',
    '{"a":1.0,"b":1e-7,"c":123456789012345678,"d":1.25,"e":100000.0}',
    '{"%s":[1,{"b":"c"}],"%s":1,"a b":2,"true":3,"x\\ny":5,"- ":{"k":[]}}' % ("k" * 129, "é" * 64),
    '{"%s":{"b":"c"},"%s":"%s"}' % ("k" * 129, "k" * 128, "word " * 30),
    '{"%s":1}' % ("key " * 40), '[{"x":"%s"}]' % ("a" * 100), '[{"x":"%s","y":1},{"x":2}]' % ("a" * 100),
    '{"one":"%s","two":{"x":1,"y":2,"z":3},"three":[{"p":1,"q":2}]}' % ("a" * 90),
    '[[1,2,3,4,5,6,7],["a","bb","ccc","dddd","eeeee","ffffff","g"]]',
    '{"a":1,"bb":2,"ccc":3,"dddd":4,"eeeee":{"averylongkeyindeed":1,"b":2,"c":3}}',
]

NESTED = '`{"id":"0123456789","name":"x","list":[{"a":1,"b":[1,2]}],"map":{"c":"d","e":"f"}}`'

QUERIES = [
    "accountList[0].accountId", "accountList[].accountId", "accountList[*].accountName",
    "accountList[].[accountId,accountName]", "accountList[].{Name:accountName,Id:accountId}",
    "accountList[?accountId=='123456789012'].accountName | [0]", "length(accountList)", "nope",
    "accountList[].nope", "[accountList[0],{n:length(accountList),a:accountList[1:]}]",
    "accountList[:1].{x:`[]`,y:`{}`,z:`[1]`}", "accountList[?contains(accountName || '', 'A')]",
    "`{}`", "{n:length(accountList),b:`true`,z:null_,f:`1.0`}",
]

EXPRESSIONS = r"""foo(@) | length(`null`) | length() | length(a,b) | not_null() | accountList[::0] | &a
accountList[?accountId<`1`] | sum(accountList) | sort_by(accountList,&accountName)
sort_by(accountList,&@) | max(`[1,"a"]`) | contains(`"a"`,`1`) | join(`","`,`[1]`) | abs('x')
abs(`[{"a":"it's"}]`) | sum(`[0.1,0.1,0.1,0.1,0.1,0.1,0.1,0.1,0.1,0.1]`) | sum(`[1,0.5]`)
to_string(accountList[0]) | to_string(`["é😀",1.0,true,null]`) | avg(`[1,2]`) | avg(`[1,1]`)
avg(`[]`) | sum(`[]`) | to_number(' 1_0 ') | to_number('1__0') | to_number('x') | to_number('1e3')
to_number('0x1') | to_number(`true`) | merge() | merge(`{"a":1,"b":2}`,`{"b":3,"c":4}`)
map(&accountId,accountList) | map(&`1`,`[1,2]`) | foo(a b) | (@)(a) | let $a = b in c
min_by(accountList,&accountName) | max_by(`[{"a":1,"b":1},{"a":1,"b":2}]`,&a) | min_by(`[]`,&a)
ceil(`1.2`) | floor(`-1.2`) | ceil(`3`) | abs(`-3`) | abs(`-1.5`) | reverse(`"aé😀"`)
reverse(`[1,2,3]`) | type(&a) | type(`1.0`) | `1 ` | `  a b` | ` [1] ` | `{"a":1,"b":3,"a":2}`
sort(`["b","B","é"]`) | sort(`[2,1.5,1]`) | keys(accountList[0]) | values(accountList[0])
lower('A') | a.*.b[?c].d | [0:1] | accountList[1:0:-1].accountId | accountList[::-1].accountId
accountList[-1:].accountId | accountList[5:9] | `[0,1,2,3,4]`[1:-1:2] | `[0,1,2,3]`[-9:9]
`[0,1,2]`[-1] | `[0,1,2]`[9] | !`0` | !`""` | !`[1]` | `0`==`false` | `1`==`1.0` | `1`==`true`
`[1]`==`[true]` | `{"a":1}`==`{"a":1.0}` | contains(`[1]`,`true`) | `1`<`2.5` | 'a'<'b' | `[1]`<`2`
accountList[0] && 'x' | `0` || 'x' | `[]` || 'x' | `[[1,[2]],3]`[] | `[[1,[2]],3]`[][]
[@][0][0:1].accountList | `[[{"a":1}]]`[0][0:1].a | {a:nope.b,"c d":accountList[0].accountId}
accountList[*].{a:accountId} | * | *.[0] | @ | accountList[?!accountName].accountId | {a:b c:d}
starts_with('abc','ab') | ends_with('abc','bc') | to_array(`1`) | to_array(`[1]`)
not_null(nope,`2`) | join('-',['a','b']) | max(`[]`) | max(`["a","c","b"]`) | min(`[3,1,2]`)
length('aé😀') | length(accountList[0]) | 'it\'s' | 'a\b' | `"\ud83d\ude00"` | "accountList"[0].accountId
``|a[|]|a.|'x|"x|`x|a ? b|#|=|&|a[?b|a[1|{a}|{a:b|"\q"|a b|[|a[b]|*.[|é| |a.`1`|@.|-|1|007
a[1:2:3:4]|foo[bar|!|"a"(b)|a == |a\|\||$|a!b|a{b:c}|a*|a@|foo(a b|@.a(b|"\u12"|`"\x"`|a[-]|a[0]b
((a|a)|a,b|{a:b}}|[a,]|{"a":b,}|a.[b|a&b|a&&|a>|99999999999999999999999|[99999999999999999999999]
a[0|a[?b]]|*.|[*|[*].|[][|\|a|a\|\|\|\|b|`|"|'\'|:|[:|[::|a[1:x]|日本 x|`[1]`.`{"a":null}`|a.true.`true`
a[]b|a[*]b|a[?b]c|a.*b|a[*](b)|a<b<c|a[:]x|{a:b,c}|{1:b}|a[?b}|(a]"""


def expressions():
    """The list above: alternatives between bars, where a bar of its own is escaped."""
    for line in EXPRESSIONS.splitlines():
        spaced = " | " in line or not ("|" in line)
        for part in line.replace("\\|", "\0").split(" | " if spaced else "|"):
            yield part.replace("\0", "|")
    yield from ["", "a\nb ?", '"a\tb"']


def cases():
    def case(operation, pages, format, query=None, **more):
        return {"operation": operation, "pages": pages, "format": format, "query": query, **more}

    answers = [
        ("ListAccounts", TWO_PAGES), ("ListAccounts", [{"accountList": []}]), ("ListAccounts", [{}]),
        ("ListAccounts", [{"nextToken": "1"}, {"accountList": ACCOUNTS[:1]}]),
        ("ListAccountRoles", ROLES), ("GetRoleCredentials", CREDENTIALS),
        ("GetCallerIdentity", IDENTITY), ("GetCallerIdentity", [{}]),
    ]
    for (operation, pages), format in itertools.product(answers, FORMATS):
        yield case(operation, pages, format)
    for format in FORMATS:
        yield case("ListAccounts", TWO_PAGES[:1], format, args=["--no-paginate"])
        yield case("ListAccounts", TWO_PAGES, format, args=["--max-items", "1"])
        yield case("GetCallerIdentity", IDENTITY, format, "Account")
        yield case("GetCallerIdentity", IDENTITY, format, "`{}`")
        yield case("ListAccounts", TWO_PAGES, format, "foo(@)")
    yield case("ListAccounts", TWO_PAGES, "text", "NextToken", args=["--max-items", "1"])
    for query, format in itertools.product(QUERIES, FORMATS[:5]):
        yield case("ListAccounts", TWO_PAGES, format, query)
    yield case("GetCallerIdentity", IDENTITY, "yaml", "`[[1]]`[*].[@,@]")
    keys = "[roleCredentials,roleCredentials.{b:expiration,a:accessKeyId},merge(@,@)]"
    yield case("GetRoleCredentials", CREDENTIALS, "json", keys)
    words = [{"accountList": [{"accountName": text} for text in WORDS + PHRASES]}]
    for format in FORMATS[:4]:
        yield case("ListAccounts", words, format)
    yield case("ListAccounts", [{"accountList": [{"accountName": w} for w in WORDS]}], "table")
    yield case("ListAccounts", words, "yaml", "accountList[].[[accountName]]")
    for shape, format in itertools.product(SHAPES, ["yaml", "text", "table"]):
        yield case("GetCallerIdentity", IDENTITY, format, f"`{shape}`")
    for expression in expressions():
        yield case("ListAccounts", [{"accountList": ACCOUNTS}], "json", expression)
    for color, width in itertools.product(["on", "off"], [None, 0, 60, 500]):
        more = {"color": color, "width": width}
        yield case("ListAccounts", TWO_PAGES, "table", **more)
        yield case("GetRoleCredentials", CREDENTIALS, "table", **more)
        yield case("ListAccounts", [{}], "table", NESTED, **more)
        yield case("ListAccounts", [{}], "table", '`{"a":{"b":{"c":[1,2]}}}`', **more)


def main():
    oracle = Oracle(sys.argv[1])
    done = []
    for case in cases():
        stdout, stderr, code = oracle.run(case)
        case["list_key"] = LIST_KEYS.get(case["operation"])
        done.append({**case, "stdout": stdout, "stderr": stderr, "code": code})
        print(f"{len(done)} cases", end="\r", file=sys.stderr)
    lines = ",\n".join(json.dumps(case, ensure_ascii=False) for case in done)
    target = pathlib.Path(__file__).with_name("expected.json")
    target.write_text(f"[\n{lines}\n]\n")


main()
