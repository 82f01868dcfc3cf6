//! What the security log is told.

use std::{
    io::{self, Write},
    sync::{Arc, Mutex},
};

use palisade_vfs_store::{Place, ReadError};
use serde_json::{Value, json};

use crate::stage::{file_of, in_folder, put, sent};

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What comes of `done`, and the events that it causes.
pub(crate) fn told<T>(done: impl Future<Output = T>) -> (T, Vec<Value>) {
    let lines = Lines::default();
    let writer = lines.clone();
    let subscriber = tracing_subscriber::fmt().json().with_writer(move || writer.clone()).finish();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let done = tracing::subscriber::with_default(subscriber, || runtime.block_on(done));
    let text = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
    (done, text.lines().map(|line| serde_json::from_str(line).unwrap()).collect())
}

#[test]
fn an_object_that_is_gone_is_an_error_in_the_security_log_with_its_place() {
    let place = crate::stage::place();
    let (ended, events) = told(async {
        let (folder, objects) = in_folder();
        put(&objects, &place, b"content").await.unwrap();
        std::fs::remove_file(file_of(folder.path(), place.id)).unwrap();
        sent(&objects, &place, 7, 0..7).await.1
    });
    assert!(matches!(ended, Err(ReadError::Missing)));
    let [event] = &events[..] else { panic!("{events:?}") };
    assert_eq!(
        (&event["level"], &event["target"]),
        (&json!("ERROR"), &json!("palisade::security"))
    );
    let expected = json!({
        "message": "a stored object is not what was written", "event": "object.refused",
        "outcome": "missing", "mount": "pictures", "object": place.id.to_string(),
    });
    assert_eq!(event["fields"], expected);
}

#[test]
fn what_is_read_written_and_deleted_is_no_event() {
    let (_, events) = told(async {
        let (_folder, objects) = in_folder();
        let place = crate::stage::place();
        put(&objects, &place, b"content").await.unwrap();
        assert_eq!(sent(&objects, &place, 7, 0..7).await.0, b"content");
        objects.delete(&place.id).await.unwrap();
        objects.delete(&place.id).await.unwrap();
    });
    assert_eq!(events, Vec::<Value>::new());
}

#[test]
fn what_clients_are_told_names_no_folder_and_no_id() {
    let place =
        Place { mount: "pictures", path: "a.png", id: palisade_vfs_store::ObjectId::draw() };
    let (error, _) = told(async {
        let (_folder, objects) = in_folder();
        objects.open_object(&place, 5).await.unwrap_err()
    });
    assert_eq!(error.to_string(), "the object is gone");
}
