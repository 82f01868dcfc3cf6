//! What content is made from: a post, all posts, a template.

use std::{fmt, str::FromStr};

use serde::Deserialize;

/// As long as the longest id.
const LONGEST_ID: usize = 200;

/// Something that content is made from, `post:1`, or all of a sort, `post:*`.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(try_from = "String")]
pub struct Source {
    sort: Sort,
    /// None: any of them, and those that are still to come.
    id: Option<Box<str>>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Sort {
    Medium,
    Page,
    Post,
    Product,
    Profile,
    Template,
}

/// It names nothing that content is made from.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[expect(clippy::exhaustive_structs, reason = "the server is nobody's dependency")]
pub struct MistakenSource;

// === impl Source ===

impl Source {
    /// All media.
    #[must_use]
    pub fn media() -> Self {
        Self { sort: Sort::Medium, id: None }
    }

    /// A page of a user.
    #[must_use]
    pub fn page(user: &str, slug: &str) -> Self {
        Self { sort: Sort::Page, id: Some(format!("{user}/{slug}").into()) }
    }

    /// All pages.
    #[must_use]
    pub fn pages() -> Self {
        Self { sort: Sort::Page, id: None }
    }

    /// A post.
    #[must_use]
    pub fn post(id: u32) -> Self {
        Self { sort: Sort::Post, id: Some(id.to_string().into()) }
    }

    /// All posts.
    #[must_use]
    pub fn posts() -> Self {
        Self { sort: Sort::Post, id: None }
    }

    /// All products.
    #[must_use]
    pub fn products() -> Self {
        Self { sort: Sort::Product, id: None }
    }

    /// A person.
    #[must_use]
    pub fn profile(id: &str) -> Self {
        Self { sort: Sort::Profile, id: Some(id.into()) }
    }

    /// All people.
    #[must_use]
    pub fn profiles() -> Self {
        Self { sort: Sort::Profile, id: None }
    }

    /// What gives content its form.
    #[must_use]
    pub fn template(name: &str) -> Self {
        Self { sort: Sort::Template, id: Some(name.into()) }
    }

    /// Whether what is made from this one is out of date when `changed` changes.
    #[must_use]
    pub fn is_touched_by(&self, changed: &Self) -> bool {
        let ids = self.id.as_deref().zip(changed.id.as_deref());
        self.sort == changed.sort && ids.is_none_or(|(one, other)| one == other)
    }
}

impl FromStr for Source {
    type Err = MistakenSource;

    fn from_str(text: &str) -> Result<Self, MistakenSource> {
        let (sort, id) = text.split_once(':').ok_or(MistakenSource)?;
        let sort = Sort::ALL.into_iter().find(|known| known.as_str() == sort);
        let sort = sort.ok_or(MistakenSource)?;
        if id == "*" {
            return Ok(Self { sort, id: None });
        }
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./".contains(&byte);
        if id.is_empty() || id.len() > LONGEST_ID || !id.bytes().all(fits) {
            return Err(MistakenSource);
        }
        Ok(Self { sort, id: Some(id.into()) })
    }
}

impl TryFrom<String> for Source {
    type Error = MistakenSource;

    fn try_from(text: String) -> Result<Self, MistakenSource> {
        text.parse()
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.sort.as_str(), self.id.as_deref().unwrap_or("*"))
    }
}

// === impl Sort ===

impl Sort {
    const ALL: [Self; 6] =
        [Self::Medium, Self::Page, Self::Post, Self::Product, Self::Profile, Self::Template];

    const fn as_str(self) -> &'static str {
        match self {
            Self::Medium => "medium",
            Self::Page => "page",
            Self::Post => "post",
            Self::Product => "product",
            Self::Profile => "profile",
            Self::Template => "template",
        }
    }
}

// === impl MistakenSource ===

impl fmt::Display for MistakenSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sorts = Sort::ALL.map(Sort::as_str);
        write!(f, "one of {}, a colon, and an id or `*`", sorts.join(", "))
    }
}

impl std::error::Error for MistakenSource {}
