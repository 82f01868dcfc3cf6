//! What is rendered: a post or a page, without knowing which.

use jiff::civil::Date;
use pulldown_cmark::{Event, Parser, html};

use crate::demo::{Demo, Page, Post};

/// A text with its title, its author and its day.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Document<'a> {
    pub(crate) title: &'a str,
    pub(crate) author: &'a str,
    pub(crate) date: Date,
    /// In Markdown.
    pub(crate) text: &'a str,
}

impl<'a> Document<'a> {
    pub(crate) fn of_post(demo: &'a Demo, post: &'a Post) -> Self {
        Self {
            title: post.title,
            author: demo.name_of(post.author),
            date: post.date,
            text: post.text,
        }
    }

    pub(crate) fn of_page(demo: &'a Demo, page: &'a Page) -> Self {
        Self {
            title: page.title,
            author: demo.name_of(page.user),
            date: page.date,
            text: page.text,
        }
    }

    /// The document as Markdown.
    pub(crate) fn markdown(&self) -> String {
        let Self { title, author, date, text } = self;
        format!("# {title}\n\n*{author}, {date}*\n\n{text}")
    }

    /// The text as a fragment that is both HTML and well-formed XML. HTML within the Markdown is text: who may write a
    /// post may not write a script.
    pub(crate) fn fragment(&self) -> String {
        let mut fragment = String::new();
        let events = Parser::new(self.text).map(|event| match event {
            Event::Html(markup) | Event::InlineHtml(markup) => Event::Text(markup),
            other => other,
        });
        html::push_html(&mut fragment, events);
        fragment
    }
}
