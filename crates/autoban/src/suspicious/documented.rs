//! The documented signatures. Who adds one runs the tests of honest and of real requests.

use super::{
    Signature,
    SignatureKind::{Scanner, Traversal},
    injections,
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
/// The bytes c0 and c1 alone are letters in EUC-KR and GBK: only beside dots, or twice before a slash, they are none.
const DOUBLE_ENCODED: [&str; 13] = [
    "%252e%252e",
    "..%252f",
    "..%255c",
    "%252e%252e%252f",
    "..%c0%af",
    "..%c1%9c",
    "%c0%ae%c0%ae/",
    "%c0%ae%c0%ae\\",
    "%c0%ae%c0%ae%c0%af",
    "%c0%ae%c0%ae%2f",
    "%c0%ae%c0%ae%5c",
    "%uff0e%uff0e",
    "....//....//",
];
/// What handlers open: who looks for the name of a file asks in `q`, who attacks asks in one of [`OPENED`].
const FILES: [&str; 8] = [
    "/etc/passwd",
    "/etc/shadow",
    "file:///etc/",
    "file:///c:/",
    "/proc/self/environ",
    "c:/windows/win.ini",
    "c:\\windows\\win.ini",
    "/windows/win.ini",
];
/// Ends of the names of parameters that say what to open.
pub(super) const OPENED: [&str; 20] = [
    "f=",
    "file=",
    "filename=",
    "path=",
    "page=",
    "include=",
    "template=",
    "view=",
    "doc=",
    "document=",
    "folder=",
    "dir=",
    "root=",
    "load=",
    "read=",
    "src=",
    "url=",
    "lang=",
    "download=",
    "img=",
];
const FILES_ANYWHERE: [&str; 6] = [
    "../etc/passwd",
    "../etc/shadow",
    "../proc/self/environ",
    "../windows/win.ini",
    "..\\windows\\win.ini",
    "/etc/passwd%00",
];

/// Each of `heads` with each of `tails` behind it.
pub(super) fn each(heads: &[&str], tails: &[&str]) -> Vec<Box<str>> {
    let of = |head: &&str| tails.iter().map(|tail| format!("{head}{tail}").into()).collect();
    heads.iter().flat_map(|head| -> Vec<Box<str>> { of(head) }).collect()
}

/// `texts` and `more`.
pub(super) fn with(mut texts: Vec<Box<str>>, more: &[&str]) -> Vec<Box<str>> {
    texts.extend(more.iter().copied().map(Into::into));
    texts
}

/// All of them.
pub(super) fn list() -> Vec<Signature> {
    let mut list = vec![
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
        Signature::new("traversal.files", Traversal, with(each(&OPENED, &FILES), &FILES_ANYWHERE)),
    ];
    list.extend(injections::list());
    list
}
