//! Pages for browsers.

use palisade::secure_headers::CspNonce;

use super::{Document, Escaped};

const STYLE: &str = "body{font:1.1em/1.5 system-ui,sans-serif;max-width:42em;margin:3em auto;padding:0 1em;color:#1c2321}\
code,pre{background:#eef1ee;padding:.1em .3em}pre{padding:1em;overflow:auto}a{color:#14532d}li{margin:.3em 0}\
small{color:#5b655f}#me{border-left:4px solid #14532d;padding-left:1em}";

/// The document as HTML.
pub(crate) fn html(document: &Document<'_>, nonce: &CspNonce) -> String {
    let Document { title, .. } = document;
    format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title}</title><style nonce=\"{nonce}\">{STYLE}</style></head>\n\
         <body>{body}</body></html>\n",
        title = Escaped(title),
        body = body(document),
    )
}

/// The document as XHTML: the same words, and well-formed XML.
pub(crate) fn xhtml(document: &Document<'_>, nonce: &CspNonce) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<!DOCTYPE html>\n\
         <html xmlns=\"http://www.w3.org/1999/xhtml\" xml:lang=\"en\" lang=\"en\">\
         <head><title>{title}</title><style nonce=\"{nonce}\">{STYLE}</style></head>\n<body>{body}</body></html>\n",
        title = Escaped(document.title),
        body = body(document),
    )
}

/// A widget that other sites may frame.
pub(crate) fn embed(title: &str, inner: &str, nonce: &CspNonce) -> String {
    format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title}</title><style nonce=\"{nonce}\">{STYLE}</style></head>\n\
         <body>{inner}<p><small>Shown by Palisade</small></p></body></html>\n",
        title = Escaped(title),
    )
}

/// The landing page: what is worth trying, and one script that the policy allows by its nonce.
pub(crate) fn landing(nonce: &CspNonce) -> String {
    format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>Palisade</title><style nonce=\"{nonce}\">{STYLE}</style></head>\n\
         <body>{LANDING}\n<script nonce=\"{nonce}\">{SCRIPT}</script></body></html>\n",
    )
}

fn body(document: &Document<'_>) -> String {
    let Document { title, author, date, .. } = document;
    format!(
        "<article><h1>{}</h1><p><small>{}, <time datetime=\"{date}\">{date}</time></small></p>\n{}</article>",
        Escaped(title),
        Escaped(author),
        document.fragment(),
    )
}

const LANDING: &str = "\
<h1>Palisade</h1>
<p>This is the reference server: every layer of the documented flow stands in front of this page.</p>
<p id=\"me\">This text is replaced by the page's one script, which the policy allows by its nonce.</p>
<h2>Public</h2>
<ul>
<li><a href=\"/feed.xml\">/feed.xml</a>, <a href=\"/products.xml\">/products.xml</a>, <a href=\"/sitemap-en.xml\">/sitemap-en.xml</a>, <a href=\"/llms.txt\">/llms.txt</a></li>
<li>A post as <a href=\"/post/1.xhtml\">xhtml</a>, <a href=\"/post/1.pdf\">pdf</a>, <a href=\"/post/1.md\">md</a>, <a href=\"/post/1.json\">json</a></li>
<li>A page as <a href=\"/user/alice/pages/about.html\">html</a>, <a href=\"/user/alice/pages/about.xhtml\">xhtml</a>, <a href=\"/user/alice/pages/about.pdf\">pdf</a>, <a href=\"/user/alice/pages/about.md\">md</a>, <a href=\"/user/alice/pages/about.json\">json</a>, <a href=\"/user/alice/pages/about.email.html\">email</a></li>
<li><a href=\"/api/feed\">/api/feed</a>, <a href=\"/api/posts/1\">/api/posts/1</a>, <a href=\"/api/profiles\">/api/profiles</a>, <a href=\"/api/media-items\">/api/media-items</a></li>
<li>For frames on other sites: <a href=\"/embed/wall\">/embed/wall</a>, <a href=\"/embed/page/about\">/embed/page/about</a></li>
</ul>
<h2>With a token</h2>
<ul>
<li><a href=\"/api/me\">/api/me</a>: who you are</li>
<li><a href=\"/api/admin/bans\">/api/admin/bans</a>, <a href=\"/api/analytics\">/api/analytics</a>, <a href=\"/api/analytics/stream\">/api/analytics/stream</a>, <a href=\"/api/admin/api-keys\">/api/admin/api-keys</a>: admins alone</li>
</ul>
<h2>Health</h2>
<ul><li><a href=\"/healthz\">/healthz</a>, <a href=\"/readyz\">/readyz</a></li></ul>";

const SCRIPT: &str = "\
fetch('/api/feed').then(a=>a.json()).then(f=>{\
document.getElementById('me').textContent='The script ran. '+f.posts.length+' posts in the feed; newest: '+f.posts[0].title})\
.catch(()=>{document.getElementById('me').textContent='The script ran, but the feed was refused: asked too often?'});";
