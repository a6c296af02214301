//! Blobs, and what they come to.

use crate::records::Dead;

/// A blob, its records as lines, the dead.
pub(super) type Row<'a> = (&'a [u8], &'a [&'a [u8]], &'a [(&'a [u8], Dead)]);

pub(super) const ROWS: &[Row<'_>] = &[
    (b"[]", &[], &[]),
    (b" \r\n[ ]\n", &[], &[]),
    (b"\xef\xbb\xbf[{}]", &[b"{}"], &[]),
    (
        br#"[{"Id":"a"},{"Id":"b"}]"#,
        &[br#"{"Id":"a"}"#, br#"{"Id":"b"}"#],
        &[],
    ),
    (
        br#"[{"n":9007199254740993,"m":-1.50e+07,"z":0.10}]"#,
        &[br#"{"n":9007199254740993,"m":-1.50e+07,"z":0.10}"#],
        &[],
    ),
    (
        b"[ {\r\n  \"b\" : 1 ,\n\t\"a\":[ ]\n} \n, {\"s\":\"\\n\"}\n]",
        &[b"{    \"b\" : 1 , \t\"a\":[ ] }", b"{\"s\":\"\\n\"}"],
        &[],
    ),
    (
        br#"[{"q":"\"]},[{","u":"\ud83d\ude00\u00e9"},{"t":[true,false,null]}]"#,
        &[
            br#"{"q":"\"]},[{","u":"\ud83d\ude00\u00e9"}"#,
            br#"{"t":[true,false,null]}"#,
        ],
        &[],
    ),
    (
        "[{\"é\":\"日本 \u{10ffff}\u{7f}\"}]".as_bytes(),
        &["{\"é\":\"日本 \u{10ffff}\u{7f}\"}".as_bytes()],
        &[],
    ),
    (
        b"[1, \"a]\" ,null,[2],-0,{}, true]",
        &[b"{}"],
        &[
            (b"1", Dead::NotJson),
            (b"\"a]\" ", Dead::NotJson),
            (b"null", Dead::NotJson),
            (b"[2]", Dead::NotJson),
            (b"-0", Dead::NotJson),
            (b"true", Dead::NotJson),
        ],
    ),
    (b" \n", &[], &[(b" \n", Dead::CutOff)]),
    (b" \r\n{}", &[], &[(b" \r\n{}", Dead::NotAnArray)]),
    (
        b"\xef\xbb\xbf\t7",
        &[],
        &[(b"\xef\xbb\xbf\t7", Dead::NotAnArray)],
    ),
    // No array.
    (b"", &[], &[(b"", Dead::CutOff)]),
    (b"\xef\xbb", &[], &[(b"\xef\xbb", Dead::CutOff)]),
    (b"\xef\xbbX[]", &[], &[(b"\xef\xbbX[]", Dead::NotAnArray)]),
    (
        br#"{"error":{"code":"AF50000"}}"#,
        &[],
        &[(br#"{"error":{"code":"AF50000"}}"#, Dead::NotAnArray)],
    ),
    (
        b"<html>[]</html>",
        &[],
        &[(b"<html>[]</html>", Dead::NotAnArray)],
    ),
    (
        b"\x1f\x8b\x08\x00",
        &[],
        &[(b"\x1f\x8b\x08\x00", Dead::NotAnArray)],
    ),
    // Cut off.
    (b"[", &[], &[(b"", Dead::CutOff)]),
    (b"[{}", &[b"{}"], &[(b"", Dead::CutOff)]),
    (b"[{},", &[b"{}"], &[(b"", Dead::CutOff)]),
    (
        b"[{},{\"a\": \n\"x",
        &[b"{}"],
        &[(b"{\"a\": \n\"x", Dead::CutOff)],
    ),
    (b"[12", &[], &[(b"12", Dead::CutOff)]),
    // One element is no JSON, and its neighbours are.
    (
        b"[{},{\"a\":\"\x00\"},{}]",
        &[b"{}", b"{}"],
        &[(b"{\"a\":\"\x00\"}", Dead::NotJson)],
    ),
    (
        b"[{\"a\":\"\xff,\"},{}]",
        &[b"{}"],
        &[(b"{\"a\":\"\xff,\"}", Dead::NotJson)],
    ),
    (
        b"[{\"a\":\"\xc0\xaf\"},{}]",
        &[b"{}"],
        &[(b"{\"a\":\"\xc0\xaf\"}", Dead::NotJson)],
    ),
    (
        b"[{\"a\":\"\xe2\x82\"},{}]",
        &[b"{}"],
        &[(b"{\"a\":\"\xe2\x82\"}", Dead::NotJson)],
    ),
    (
        b"[{\"a\":\"\xed\xa0\x80\"},{}]",
        &[b"{}"],
        &[(b"{\"a\":\"\xed\xa0\x80\"}", Dead::NotJson)],
    ),
    (
        br#"[{"a":"\udc00"},{}]"#,
        &[b"{}"],
        &[(br#"{"a":"\udc00"}"#, Dead::NotJson)],
    ),
    (
        br#"[{"a":"\ud800"},{}]"#,
        &[b"{}"],
        &[(br#"{"a":"\ud800"}"#, Dead::NotJson)],
    ),
    (
        br#"[{"a":"\ud800\",\""},{}]"#,
        &[b"{}"],
        &[(br#"{"a":"\ud800\",\""}"#, Dead::NotJson)],
    ),
    (
        br#"[{"a":"\x"},{}]"#,
        &[b"{}"],
        &[(br#"{"a":"\x"}"#, Dead::NotJson)],
    ),
    (
        b"[{\"a\":\"line\nbreak\"},{}]",
        &[b"{}"],
        &[(b"{\"a\":\"line\nbreak\"}", Dead::NotJson)],
    ),
    (
        b"[{\"a\":01},\n{}]",
        &[b"{}"],
        &[(b"{\"a\":01}", Dead::NotJson)],
    ),
    (
        b"[{\"a\":NaN},{}]",
        &[b"{}"],
        &[(b"{\"a\":NaN}", Dead::NotJson)],
    ),
    (b"[{'a':1},{}]", &[b"{}"], &[(b"{'a':1}", Dead::NotJson)]),
    (
        b"[{\"a\":1,},{}]",
        &[b"{}"],
        &[(b"{\"a\":1,}", Dead::NotJson)],
    ),
    (
        b"[{\"a\":[1}],{}]",
        &[b"{}"],
        &[(b"{\"a\":[1}]", Dead::NotJson)],
    ),
    (
        b"[{} {\"b\":1}, {}]",
        &[b"{}", b"{}"],
        &[(b"{\"b\":1}", Dead::NotJson)],
    ),
    (
        b"[{} xyz , 1]",
        &[b"{}"],
        &[(b"xyz ", Dead::NotJson), (b"1", Dead::NotJson)],
    ),
    (b"[,{}]", &[b"{}"], &[(b"", Dead::NotJson)]),
    (b"[{},]", &[b"{}"], &[(b"", Dead::NotJson)]),
    (b"[{}] []", &[b"{}"], &[(b"[]", Dead::NotJson)]),
    (b"[{}]\x00", &[b"{}"], &[(b"\x00", Dead::NotJson)]),
    (b"[{}}]", &[b"{}"], &[(b"}", Dead::NotJson)]),
];
