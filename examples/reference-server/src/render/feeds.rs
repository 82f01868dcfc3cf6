//! The XML files that readers and search engines fetch.

use std::io;

use quick_xml::{Writer, events::BytesText};

use crate::demo::{Demo, Price};

type Xml = Writer<Vec<u8>>;

const HEAD: &[u8] = b"<?xml version=\"1.0\" encoding=\"utf-8\"?>\n";

/// The posts as an Atom feed (RFC 4287).
///
/// # Errors
///
/// None in practice: it writes into memory.
pub(crate) fn atom(demo: &Demo, base: &str) -> io::Result<Vec<u8>> {
    let mut xml = start();
    let newest =
        demo.posts.first().map(|post| format!("{}T00:00:00Z", post.date)).unwrap_or_default();
    xml.create_element("feed")
        .with_attribute(("xmlns", "http://www.w3.org/2005/Atom"))
        .write_inner_content(|feed| {
            text(feed, "title", "Palisade")?;
            text(feed, "id", &format!("{base}/feed.xml"))?;
            text(feed, "updated", &newest)?;
            feed.create_element("link")
                .with_attributes([("rel", "self"), ("href", &*format!("{base}/feed.xml"))])
                .write_empty()?;
            for post in &demo.posts {
                let link = format!("{base}/post/{}.xhtml", post.id);
                feed.create_element("entry").write_inner_content(|entry| {
                    text(entry, "title", post.title)?;
                    text(entry, "id", &link)?;
                    text(entry, "updated", &format!("{}T00:00:00Z", post.date))?;
                    entry.create_element("link").with_attribute(("href", &*link)).write_empty()?;
                    entry.create_element("author").write_inner_content(|author| {
                        text(author, "name", demo.name_of(post.author))
                    })?;
                    text(entry, "summary", post.text.lines().next().unwrap_or_default())
                })?;
            }
            Ok(())
        })?;
    Ok(end(xml))
}

/// The products as an RSS 2.0 feed with the fields that shops' indexes read.
///
/// # Errors
///
/// None in practice: it writes into memory.
pub(crate) fn products(demo: &Demo, base: &str) -> io::Result<Vec<u8>> {
    let mut xml = start();
    let namespace = [("version", "2.0"), ("xmlns:g", "http://base.google.com/ns/1.0")];
    xml.create_element("rss").with_attributes(namespace).write_inner_content(|rss| {
        rss.create_element("channel").write_inner_content(|channel| {
            text(channel, "title", "Palisade")?;
            text(channel, "link", base)?;
            text(channel, "description", "Everything for a wall")?;
            for product in &demo.products {
                channel.create_element("item").write_inner_content(|item| {
                    text(item, "g:id", product.id)?;
                    text(item, "title", product.title)?;
                    text(item, "description", product.description)?;
                    text(item, "link", base)?;
                    text(item, "g:price", &Price(product.cents).to_string())?;
                    text(item, "g:availability", "in_stock")
                })?;
            }
            Ok(())
        })?;
        Ok(())
    })?;
    Ok(end(xml))
}

/// Everything that is worth finding, as a sitemap (sitemaps.org 0.9).
///
/// # Errors
///
/// None in practice: it writes into memory.
pub(crate) fn sitemap(demo: &Demo, base: &str) -> io::Result<Vec<u8>> {
    let posts = demo.posts.iter().map(|post| (format!("{base}/post/{}.xhtml", post.id), post.date));
    let pages = demo
        .pages
        .iter()
        .map(|page| (format!("{base}/user/{}/pages/{}.html", page.user, page.slug), page.date));
    let mut xml = start();
    let namespace = ("xmlns", "http://www.sitemaps.org/schemas/sitemap/0.9");
    xml.create_element("urlset").with_attribute(namespace).write_inner_content(|set| {
        for (location, date) in posts.chain(pages) {
            set.create_element("url").write_inner_content(|url| {
                text(url, "loc", &location)?;
                text(url, "lastmod", &date.to_string())
            })?;
        }
        Ok(())
    })?;
    Ok(end(xml))
}

fn start() -> Xml {
    Writer::new(HEAD.to_vec())
}

fn end(xml: Xml) -> Vec<u8> {
    let mut bytes = xml.into_inner();
    bytes.push(b'\n');
    bytes
}

fn text(xml: &mut Xml, name: &str, content: &str) -> io::Result<()> {
    xml.create_element(name).write_text_content(BytesText::new(content)).map(drop)
}
