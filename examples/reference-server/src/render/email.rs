//! A document for mail readers, which know no style sheets.

use super::{Document, Escaped};

/// The document as HTML with everything inline.
pub(crate) fn email(document: &Document<'_>) -> String {
    let Document { title, author, date, .. } = document;
    format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title}</title></head>\n\
         <body style=\"margin:0;background:#eef1ee\"><table role=\"presentation\" width=\"100%\"><tr><td align=\"center\">\n\
         <table role=\"presentation\" width=\"600\" style=\"background:#fff;font:16px/1.5 sans-serif\"><tr><td style=\"padding:24px\">\n\
         <h1 style=\"font-size:22px\">{title}</h1><p style=\"color:#5b655f\">{author}, {date}</p>\n{text}\
         </td></tr></table></td></tr></table></body></html>\n",
        title = Escaped(title),
        author = Escaped(author),
        text = document.fragment(),
    )
}
