//! The content a server without a database shows: enough to see every documented route do its work.

mod content;

use std::fmt;

use jiff::civil::Date;

/// All demo content.
#[derive(Debug)]
pub struct Demo {
    /// Articles, newest first.
    pub posts: Vec<Post>,
    /// Pages of users.
    pub pages: Vec<Page>,
    /// People.
    pub profiles: Vec<Profile>,
    /// Things for sale.
    pub products: Vec<Product>,
    /// Pictures and films.
    pub media: Vec<MediaItem>,
}

/// An article.
#[derive(Debug)]
pub struct Post {
    /// Its number, as in `/post/1.xhtml`.
    pub id: u32,
    /// Its title.
    pub title: &'static str,
    /// The id of the profile that wrote it.
    pub author: &'static str,
    /// The day it appeared.
    pub date: Date,
    /// Its text, in Markdown.
    pub text: &'static str,
}

/// A page of a user.
#[derive(Debug)]
pub struct Page {
    /// The user's id.
    pub user: &'static str,
    /// Its name, as in `/user/alice/pages/about.html`.
    pub slug: &'static str,
    /// Its title.
    pub title: &'static str,
    /// The day it last changed.
    pub date: Date,
    /// Its text, in Markdown.
    pub text: &'static str,
}

/// A person.
#[derive(Debug)]
pub struct Profile {
    /// The user's id.
    pub id: &'static str,
    /// The name.
    pub name: &'static str,
    /// A sentence about them.
    pub about: &'static str,
}

/// A thing for sale.
#[derive(Debug)]
pub struct Product {
    /// Its id.
    pub id: &'static str,
    /// Its name.
    pub title: &'static str,
    /// What it is.
    pub description: &'static str,
    /// Its price in euro cents.
    pub cents: u32,
}

/// A picture or a film.
#[derive(Debug)]
pub struct MediaItem {
    /// Its id.
    pub id: &'static str,
    /// Its title.
    pub title: &'static str,
    /// Its media type.
    pub kind: &'static str,
}

/// A price as feeds want it: `19.90 EUR`.
#[derive(Clone, Copy, Debug)]
pub struct Price(pub u32);

// === impl Demo ===

impl Demo {
    /// The post with this number.
    pub fn post(&self, id: u32) -> Option<&Post> {
        self.posts.iter().find(|post| post.id == id)
    }

    /// The page of this user with this name.
    pub fn page(&self, user: &str, slug: &str) -> Option<&Page> {
        self.pages.iter().find(|page| page.user == user && page.slug == slug)
    }

    /// The medium with this id.
    pub fn medium(&self, id: &str) -> Option<&MediaItem> {
        self.media.iter().find(|item| item.id == id)
    }

    /// The name of a profile; its id if it has none.
    pub fn name_of<'a>(&'a self, id: &'a str) -> &'a str {
        self.profiles.iter().find(|profile| profile.id == id).map_or(id, |profile| profile.name)
    }
}

// === impl Post ===

impl Post {
    /// Where it is shown in this form: `/post/1.pdf`.
    pub fn path(&self, form: &str) -> String {
        format!("/post/{}.{form}", self.id)
    }

    /// Where the API shows it.
    pub fn api_path(&self) -> String {
        format!("/api/posts/{}", self.id)
    }
}

// === impl Page ===

impl Page {
    /// Where it is shown in this form: `/user/alice/pages/about.pdf`.
    pub fn path(&self, form: &str) -> String {
        format!("/user/{}/pages/{}.{form}", self.user, self.slug)
    }
}

// === impl Price ===

impl fmt::Display for Price {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (euro, cents) =
            (self.0.checked_div(100).unwrap_or(0), self.0.checked_rem(100).unwrap_or(0));
        write!(f, "{euro}.{cents:02} EUR")
    }
}
