//! One document in many forms.

mod document;
mod email;
mod escape;
mod feeds;
mod html;
mod pdf;
mod reference;

pub(crate) use self::{
    document::Document,
    email::email,
    escape::Escaped,
    feeds::{atom, products, sitemap},
    html::{embed, html, landing, xhtml},
    pdf::pdf,
    reference::{scalar, swagger},
};
