//! Reads a stream as a browser does, written after WHATWG HTML section 9.2.6 and nothing else.

/// What a page is told.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Dispatched {
    pub(crate) name: String,
    pub(crate) data: String,
    pub(crate) last_event_id: String,
}

/// What a browser keeps while it reads.
#[derive(Debug, Default)]
pub(crate) struct Decoder {
    data: String,
    name: String,
    id: String,
    pub(crate) last_event_id: String,
    pub(crate) retry: Option<u64>,
    pub(crate) comments: usize,
    pub(crate) events: Vec<Dispatched>,
}

impl Decoder {
    /// Reads a whole stream.
    pub(crate) fn read(stream: &[u8]) -> Self {
        let text = String::from_utf8_lossy(stream);
        let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
        // All three ends of lines are one.
        let text = text.replace("\r\n", "\n").replace('\r', "\n");
        let mut decoder = Self::default();
        // What is behind the last end of a line is incomplete, and not read.
        let mut lines: Vec<_> = text.split('\n').collect();
        lines.pop();
        lines.into_iter().for_each(|line| decoder.line(line));
        decoder
    }

    fn line(&mut self, line: &str) {
        if line.is_empty() {
            return self.dispatch();
        }
        match line.split_once(':') {
            Some(("", _)) => self.comments += 1,
            Some((field, value)) => self.field(field, value.strip_prefix(' ').unwrap_or(value)),
            None => self.field(line, ""),
        }
    }

    fn field(&mut self, field: &str, value: &str) {
        match field {
            "event" => self.name = value.to_owned(),
            "data" => {
                self.data.push_str(value);
                self.data.push('\n');
            }
            "id" if !value.contains('\0') => self.id = value.to_owned(),
            "retry" if value.bytes().all(|byte| byte.is_ascii_digit()) => {
                self.retry = value.parse().ok();
            }
            _ => {}
        }
    }

    fn dispatch(&mut self) {
        self.last_event_id.clone_from(&self.id);
        let (data, name) = (std::mem::take(&mut self.data), std::mem::take(&mut self.name));
        if data.is_empty() {
            return;
        }
        self.events.push(Dispatched {
            name: if name.is_empty() { "message".to_owned() } else { name },
            data: data.strip_suffix('\n').unwrap_or(&data).to_owned(),
            last_event_id: self.last_event_id.clone(),
        });
    }
}
