//! What a message looks like on the wire.

use std::time::Duration;

use palisade_live::Message;
use proptest::prelude::*;

use crate::decoder::{Decoder, Dispatched};

fn check(message: &Message, expected: &str) {
    assert_eq!(String::from_utf8_lossy(&message.encode()), expected);
}

#[test]
fn a_message_is_written_as_the_standard_says() {
    check(&Message::data("x"), "data: x\n\n");
    check(&Message::data("{}").name("request").id("e-1"), "id: e-1\nevent: request\ndata: {}\n\n");
    check(
        &Message::data("one\ntwo\r\nthree\rfour\n"),
        "data: one\ndata: two\ndata: three\ndata: four\ndata: \n\n",
    );
    check(&Message::data("\n\r\r\n"), "data: \ndata: \ndata: \ndata: \n\n");
    check(&Message::data(""), "data: \n\n");
    check(&Message::new().retry(Duration::from_millis(1500)), "retry: 1500\n\n");
    check(&Message::new().retry(Duration::MAX), &format!("retry: {}\n\n", u64::MAX));
    check(&Message::comment(""), ": \n\n");
    check(&Message::comment("a\nb"), ": a\n: b\n\n");
}

#[test]
fn e1_what_ends_a_line_ends_no_field() {
    let attack = "1\r\ndata: forged\r\n\r\nevent: admin\ndata: {}\n\n\0";
    let message = Message::data("mine").name(attack).id(attack).encode();
    let read = Decoder::read(&message);
    assert_eq!(read.events.len(), 1, "{read:?}");
    assert_eq!(read.events[0].data, "mine");
    assert!(read.events[0].name.starts_with("1data: forged"));
    assert!(!read.last_event_id.is_empty(), "NUL would have it ignored");
    let read = Decoder::read(&Message::comment(attack).encode());
    assert_eq!((read.events, read.retry), (Vec::new(), None));
    let read = Decoder::read(&Message::data("x\n\ndata: y\nretry: 1\n\n: z").encode());
    assert_eq!(read.events.len(), 1);
    assert_eq!(read.retry, None);
}

/// Text of what matters to a reader, and of anything.
fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("\r".to_owned()),
        Just("\n".to_owned()),
        Just("\r\n".to_owned()),
        Just("\0".to_owned()),
        Just(":".to_owned()),
        Just(" ".to_owned()),
        Just("\u{feff}".to_owned()),
        Just("data: x".to_owned()),
        Just("retry: 1".to_owned()),
        Just("id: 1".to_owned()),
        any::<String>(),
    ];
    prop::collection::vec(piece, 0..8).prop_map(|pieces| pieces.concat())
}

fn bare(text: &str) -> String {
    text.replace(['\r', '\n', '\0'], "")
}

proptest! {
    /// Whatever is put into them, messages are read back as they were meant, each once, and nothing besides.
    #[test]
    fn e1_messages_are_read_back_as_they_were_meant(
        messages in prop::collection::vec((text(), text(), text(), text(), any::<u32>()), 1..4),
    ) {
        let (mut stream, mut expected) = (b"retry: 1\n\n".to_vec(), Vec::new());
        let mut last = None;
        for (name, id, data, comment, retry) in messages {
            let retry = u64::from(retry);
            stream.extend_from_slice(&Message::comment(comment).encode());
            let message = Message::data(data.clone()).name(name.clone()).id(id.clone());
            stream.extend_from_slice(&message.retry(Duration::from_millis(retry)).encode());
            let name = bare(&name);
            let data = data.replace("\r\n", "\n").replace('\r', "\n");
            let name = if name.is_empty() { "message".to_owned() } else { name };
            expected.push(Dispatched { name, data, last_event_id: bare(&id) });
            last = Some(retry);
        }
        let read = Decoder::read(&stream);
        prop_assert_eq!(read.events, expected);
        prop_assert_eq!(read.retry, last);
    }
}
