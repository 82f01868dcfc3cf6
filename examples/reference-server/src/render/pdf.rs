//! A document as PDF: A4, the fonts every reader has, as many pages as it takes.

use pdf_writer::{Content, Finish, Name, Pdf, Rect, Ref, Str, TextStr};

use super::Document;

const WIDTH: f32 = 595.0;
const HEIGHT: f32 = 842.0;
const MARGIN: f32 = 64.0;
const LEADING: f32 = 16.0;
/// Characters a line takes at 11 points: a bound that holds for Helvetica, whose letters differ in width.
const COLUMNS: usize = 84;
const LINES: usize = 42;
const REGULAR: Name<'_> = Name(b"F1");
const BOLD: Name<'_> = Name(b"F2");

/// Hands out the numbers of a PDF's objects.
struct Refs(i32);

/// The document as PDF.
pub(crate) fn pdf(document: &Document<'_>) -> Vec<u8> {
    let mut refs = Refs(0);
    let (catalog, tree, info, regular, bold) =
        (refs.next(), refs.next(), refs.next(), refs.next(), refs.next());
    let mut pdf = Pdf::new();
    pdf.catalog(catalog).pages(tree);
    pdf.document_info(info).title(TextStr(document.title)).author(TextStr(document.author));
    for (font, name) in [(regular, &b"Helvetica"[..]), (bold, b"Helvetica-Bold")] {
        pdf.type1_font(font).base_font(Name(name)).encoding_predefined(Name(b"WinAnsiEncoding"));
    }

    let lines = lines(document);
    let mut kids = Vec::new();
    for chunk in lines.chunks(LINES) {
        let (page, content) = (refs.next(), refs.next());
        let heading = kids.is_empty().then_some(document.title);
        pdf.stream(content, &shown(heading, chunk).finish());
        let mut writer = pdf.page(page);
        writer.media_box(Rect::new(0.0, 0.0, WIDTH, HEIGHT)).parent(tree).contents(content);
        writer.resources().fonts().pair(REGULAR, regular).pair(BOLD, bold);
        writer.finish();
        kids.push(page);
    }
    let count = i32::try_from(kids.len()).unwrap_or(i32::MAX);
    pdf.pages(tree).kids(kids).count(count);
    pdf.finish()
}

fn shown(heading: Option<&str>, lines: &[String]) -> Content {
    let mut content = Content::new();
    content.begin_text();
    content.next_line(MARGIN, HEIGHT - MARGIN).set_leading(LEADING);
    if let Some(title) = heading {
        content.set_font(BOLD, 18.0).show(Str(&latin(title)));
        content.next_line_using_leading().next_line_using_leading();
    }
    content.set_font(REGULAR, 11.0);
    for line in lines {
        content.show(Str(&latin(line))).next_line_using_leading();
    }
    content.end_text();
    content
}

/// Breaks the text between words. At least one line, so that there is a page.
fn lines(document: &Document<'_>) -> Vec<String> {
    let mut lines = vec![format!("{}, {}", document.author, document.date), String::new()];
    for paragraph in document.text.lines() {
        let mut line = String::new();
        for word in paragraph.split_whitespace() {
            if !line.is_empty()
                && line.chars().count().saturating_add(word.chars().count()) >= COLUMNS
            {
                lines.push(std::mem::take(&mut line));
            }
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
        lines.push(line);
    }
    lines
}

/// The bytes of `WinAnsiEncoding`, which is Latin-1 where both show a letter; what it lacks becomes a question mark.
fn latin(text: &str) -> Vec<u8> {
    text.chars()
        .map(|char| match u32::from(char) {
            code @ (0x20..=0x7e | 0xa0..=0xff) => u8::try_from(code).unwrap_or(b'?'),
            _ => b'?',
        })
        .collect()
}

impl Refs {
    fn next(&mut self) -> Ref {
        self.0 = self.0.saturating_add(1);
        Ref::new(self.0)
    }
}
