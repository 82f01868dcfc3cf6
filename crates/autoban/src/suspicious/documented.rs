//! The documented signatures. Who adds one runs the tests of honest and of real requests.

use super::{
    Signature,
    SignatureKind::{Injection, Scanner, Traversal},
};

const DOTFILES: [&str; 20] = [
    "/.env",
    "/.git/",
    "/.gitconfig",
    "/.svn/",
    "/.hg/",
    "/.aws/",
    "/.ssh/",
    "/.kube/",
    "/.docker/",
    "/.htpasswd",
    "/.htaccess",
    "/.ds_store",
    "/.npmrc",
    "/.pypirc",
    "/.bash_history",
    "/.vscode/sftp.json",
    "/.idea/",
    "/.s3cfg",
    "/.netrc",
    "/id_rsa",
];
const WORDPRESS: [&str; 9] = [
    "/wp-login.php",
    "/wp-admin",
    "/wp-config.php",
    "/wp-config.php.bak",
    "/wp-includes/",
    "/xmlrpc.php",
    "/wp-content/plugins/",
    "/wp-json/wp/v2/users",
    "/wp-cron.php",
];
const DATABASE_ADMIN: [&str; 9] = [
    "/phpmyadmin",
    "/pma/",
    "/myadmin",
    "/mysqladmin",
    "/adminer.php",
    "/adminer/",
    "/dbadmin",
    "/phppgadmin",
    "/sqlmanager",
];
const CGI: [&str; 2] = ["/cgi-bin/", "/fcgi-bin/"];
const ACTUATOR: [&str; 2] = ["/actuator/", "/jolokia/"];
const PHP: [&str; 11] = [
    "/vendor/phpunit/",
    "/eval-stdin.php",
    "/phpinfo.php",
    "/_ignition/",
    "/shell.php",
    "/c99.php",
    "/r57.php",
    "/alfa.php",
    "/wso.php",
    "/thinkphp/",
    "/_profiler/phpinfo",
];
const CONSOLES: [&str; 11] = [
    "/manager/html",
    "/solr/admin",
    "/server-status",
    "/host-manager/",
    "/invoker/jmxinvokerservlet",
    "/jenkins/script",
    "/geoserver/web",
    "/console/login/loginform.jsp",
    "/debug/pprof/",
    "/struts2-showcase",
    "/telescope/requests",
];
const DEVICES: [&str; 8] = [
    "/boaform/",
    "/hnap1",
    "/gponform/",
    "/goform/",
    "/remote/fgt_lang",
    "/dana-na/",
    "/+cscoe+/",
    "/owa/auth/x.js",
];
const DUMPS: [&str; 7] = [
    "/backup.sql",
    "/dump.sql",
    "/database.sql",
    "/db.sql",
    "/backup.zip",
    "/wwwroot.zip",
    "/web.config.bak",
];

const TRAVERSAL_PATH: [&str; 4] = ["/../", "/..\\", "/..;/", "\\..\\"];
const TRAVERSAL_QUERY: [&str; 2] = ["../../", "..\\..\\"];
const DOUBLE_ENCODED: [&str; 9] = [
    "%252e%252e",
    "..%252f",
    "..%255c",
    "%252e%252e%252f",
    "%c0%ae",
    "%c0%af",
    "%c1%9c",
    "%uff0e%uff0e",
    "....//....//",
];
const FILES: [&str; 6] = [
    "=/etc/passwd",
    "=/etc/shadow",
    "=file:///",
    "/proc/self/environ",
    "/windows/win.ini",
    "\\windows\\win.ini",
];

const NULL_BYTE: [&str; 5] = ["%00.", "%00/", "%00&", ".php%00", "passwd%00"];
const SQL: [&str; 19] = [
    "union select ",
    "union all select",
    "union/**/select",
    "union distinct select",
    "' or '1'='1",
    "' or 1=1",
    "\" or \"1\"=\"1",
    "\" or 1=1",
    "') or ('1",
    "' and '1'='1",
    "' and 1=1",
    "'; drop table ",
    "; drop table ",
    "waitfor delay '",
    "' and sleep(",
    "'||pg_sleep(",
    "(select pg_sleep(",
    "extractvalue(1,",
    "from information_schema.",
];
const SCRIPT: [&str; 8] = [
    "<script",
    "\"><svg",
    "'><svg",
    "<svg/onload",
    "<svg onload=",
    "onerror=alert",
    "javascript:alert",
    "<iframe src=javascript:",
];
const JNDI: [&str; 5] = ["${jndi:", "${${lower:", "${${upper:", "${${::-", "${${env:"];
const COMMAND: [&str; 18] = [
    ";cat /etc/",
    "; cat /etc/",
    "|cat /etc/",
    "| cat /etc/",
    "&cat /etc/",
    "&& cat /etc/",
    "`cat /etc/",
    "$(cat /etc/",
    ";wget http",
    "; wget http",
    "|wget http",
    "$(wget ",
    "$(curl ",
    ";curl http",
    "; curl http",
    "() { :;}",
    "cmd.exe /c",
    "${ifs}",
];
const PHP_CODE: [&str; 8] = [
    "php://filter",
    "php://input",
    "data://text/plain;base64",
    "expect://",
    "<?php",
    "allow_url_include",
    "auto_prepend_file",
    "call_user_func_array",
];
const TEMPLATE: [&str; 5] = ["{{7*7}}", "${7*7}", "#{7*7}", "<%= 7*7", "{{config.__class__"];
const JAVA: [&str; 5] =
    ["%{(#", "${(#", "#_memberaccess", "class.module.classloader", "t(java.lang.runtime)"];

/// All of them.
pub(super) fn list() -> Vec<Signature> {
    vec![
        Signature::new("scanner.dotfiles", Scanner, DOTFILES),
        Signature::new("scanner.wordpress", Scanner, WORDPRESS),
        Signature::new("scanner.database-admin", Scanner, DATABASE_ADMIN),
        Signature::new("scanner.cgi", Scanner, CGI),
        Signature::new("scanner.actuator", Scanner, ACTUATOR),
        Signature::new("scanner.php", Scanner, PHP),
        Signature::new("scanner.consoles", Scanner, CONSOLES),
        Signature::new("scanner.devices", Scanner, DEVICES),
        Signature::new("scanner.dumps", Scanner, DUMPS),
        Signature::new("traversal.path", Traversal, TRAVERSAL_PATH).in_path(),
        Signature::new("traversal.query", Traversal, TRAVERSAL_QUERY).in_query(),
        Signature::new("traversal.double-encoded", Traversal, DOUBLE_ENCODED),
        Signature::new("traversal.files", Traversal, FILES),
        Signature::new("injection.null-byte", Injection, NULL_BYTE),
        Signature::new("injection.sql", Injection, SQL),
        Signature::new("injection.script", Injection, SCRIPT),
        Signature::new("injection.jndi", Injection, JNDI),
        Signature::new("injection.command", Injection, COMMAND),
        Signature::new("injection.php", Injection, PHP_CODE),
        Signature::new("injection.template", Injection, TEMPLATE),
        Signature::new("injection.java", Injection, JAVA),
    ]
}
