//! The documented signatures of injected code: never a word of a language alone, for people search for those, but what
//! surrounds it where it was put in between.

use super::{
    Signature,
    SignatureKind::Injection,
    documented::{OPENED, each, with},
};

const NULL_BYTE: [&str; 8] =
    [".php%00", "passwd%00", "%00.jpg", "%00.png", "%00.gif", "%00.html", "%00.txt", "%00.pdf"];

/// What ends a value before a `union` that is put behind it.
const VALUES: [&str; 26] = [
    "-1 ", "-1' ", "=1 ", "=2 ", "=3 ", "=4 ", "=5 ", "=6 ", "=7 ", "=8 ", "=9 ", "=0 ", "0' ",
    "1' ", "2' ", "3' ", "4' ", "5' ", "6' ", "7' ", "8' ", "9' ", "=' ", "=\" ", "1\" ", "1') ",
];
const UNIONS: [&str; 3] = ["union select ", "union all select ", "union distinct select "];
/// What nobody writes behind `select` but who counts columns, or asks the database who it is.
const COLUMNS: [&str; 14] = [
    "null,null",
    "null, null",
    "null--",
    "null,concat",
    "1,null",
    "1,2,3",
    "1,2--",
    "1--",
    "@@version",
    "char(",
    "concat(0x",
    "group_concat(0x",
    "load_file(",
    "0x",
];
const SQL: [&str; 46] = [
    "union/**/select",
    "union/**/all/**/select",
    "/*!union",
    "/*!50000union",
    "/*!50000select",
    "' or '1'='1",
    "' or 1=1",
    "' or ''='",
    "\" or \"1\"=\"1",
    "\" or 1=1",
    "') or ('1",
    "=1 or 1=1",
    "' and '1'='1",
    "' and 1=1",
    "=1 and 1=1--",
    "'; drop table ",
    "';drop table ",
    "\"; drop table ",
    "); drop table ",
    "=1; drop table ",
    "=1;drop table ",
    "'; waitfor delay '",
    "';waitfor delay '",
    ");waitfor delay '",
    "=1;waitfor delay '",
    "=1; waitfor delay '",
    "' waitfor delay '",
    "waitfor delay '0:0:",
    "' and sleep(",
    "' or sleep(",
    "=1 and sleep(",
    "'||pg_sleep(",
    "||(select pg_sleep(",
    "' and (select pg_sleep(",
    "';select pg_sleep(",
    "from pg_sleep(5))",
    "extractvalue(1,concat(",
    "updatexml(1,concat(",
    "concat(0x7e",
    "concat(0x5c",
    "concat(0x71",
    "from users--",
    "from information_schema.tables--",
    "from information_schema.columns--",
    "from information_schema.tables#",
    "from information_schema.schemata--",
];
const SCRIPT: [&str; 25] = [
    "<script>alert",
    "<script>prompt",
    "<script>confirm",
    "<script>eval",
    "<script>fetch",
    "<script>document.cookie",
    "<script>document.location",
    "<script>new image",
    "</script><script",
    "\"><script",
    "'><script",
    "<script/",
    "<script src=//",
    "<script src='//",
    "<script src=\"//",
    "<script src=http:",
    "\"><svg",
    "'><svg",
    "<svg/onload",
    "<svg onload=alert",
    "<svg onload=eval",
    "onerror=alert(",
    "onerror=prompt(",
    "<iframe src=javascript:",
    "\" onmouseover=alert(",
];
const JNDI: [&str; 5] = ["${jndi:", "${${lower:", "${${upper:", "${${::-", "${${env:"];

/// What ends a command before one that is put behind it.
const ENDED: [&str; 9] = [";", "; ", "|", "| ", "&", "&& ", "`", "$(", "|| "];
const COMMANDS: [&str; 16] = [
    "cat /etc/passwd",
    "cat /etc/shadow",
    "cat /etc/hosts",
    "wget http://1",
    "wget http://2",
    "wget http://4",
    "wget http://5",
    "wget http://8",
    "wget http://9",
    "curl http://1",
    "curl http://2",
    "curl http://4",
    "curl http://5",
    "curl http://8",
    "curl http://9",
    "cmd.exe /c",
];
const COMMAND: [&str; 9] = [
    "cd /tmp;wget ",
    "cd /tmp; wget ",
    "cd /tmp;curl ",
    "cd /tmp; curl ",
    "() { :;}",
    "cat${ifs}",
    "wget${ifs}",
    "curl${ifs}",
    "${ifs}/etc/",
];

const PHP_STREAMS: [&str; 4] =
    ["php://filter", "php://input", "data://text/plain;base64,", "expect://"];
const PHP_CODE: [&str; 12] = [
    "auto_prepend_file=php:",
    "-d allow_url_include=",
    "-d auto_prepend_file=",
    "%add+allow_url_include",
    "%add allow_url_include",
    "function=call_user_func_array&",
    "think\\app/invokefunction",
    "<?php system(",
    "<?php eval(",
    "<?php @eval(",
    "<?php passthru(",
    "<?php die(@md5(",
];
const TEMPLATE: [&str; 5] = ["{{7*7}}", "${7*7}", "#{7*7}", "<%= 7*7", "{{config.__class__"];
const JAVA: [&str; 8] = [
    "%{(#",
    "${(#",
    "(#_memberaccess",
    "#_memberaccess=",
    "class.module.classloader.resources.context",
    "class.module.classloader.urls[",
    "class.module.classloader.defaultassertionstatus=",
    "t(java.lang.runtime).getruntime",
];
/// Parameters that are followed as an address.
const FOLLOWED: [&str; 5] = ["url=", "next=", "href=", "redirect=", "return="];

/// All of them.
pub(super) fn list() -> Vec<Signature> {
    let mut sql = each(&VALUES, &UNIONS);
    sql.extend(each(&UNIONS, &COLUMNS));
    let script = with(each(&FOLLOWED, &["javascript:alert"]), &SCRIPT);
    let php = with(each(&OPENED, &PHP_STREAMS), &PHP_CODE);
    vec![
        Signature::new("injection.null-byte", Injection, NULL_BYTE),
        Signature::new("injection.sql", Injection, with(sql, &SQL)),
        Signature::new("injection.script", Injection, script),
        Signature::new("injection.jndi", Injection, JNDI),
        Signature::new("injection.command", Injection, with(each(&ENDED, &COMMANDS), &COMMAND)),
        Signature::new("injection.php", Injection, php),
        Signature::new("injection.template", Injection, TEMPLATE),
        Signature::new("injection.java", Injection, JAVA),
    ]
}
