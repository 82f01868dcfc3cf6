//! A document for mail readers, which know no style sheets. What it looks like is said by attributes of HTML: a strict policy
//! refuses styles in attributes, and a browser shows this form too.

use super::{Document, Escaped};

/// The document as HTML with everything inline.
pub(crate) fn email(document: &Document<'_>) -> String {
    let Document { title, author, date, .. } = document;
    format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title}</title></head>\n\
         <body bgcolor=\"#eef1ee\"><table role=\"presentation\" width=\"100%\"><tr><td align=\"center\">\n\
         <table role=\"presentation\" width=\"600\" bgcolor=\"#ffffff\" cellpadding=\"24\"><tr><td><font face=\"sans-serif\">\n\
         <h1>{title}</h1><p><font color=\"#5b655f\">{author}, {date}</font></p>\n{text}\
         </font></td></tr></table></td></tr></table></body></html>\n",
        title = Escaped(title),
        author = Escaped(author),
        text = document.fragment(),
    )
}
