//! Holds a registry against an `OpenAPI` description: which of its operations has no class, and which route it lacks.

use http::Method;
use serde_json::{Map, Value};

use crate::{Registry, RegistryError, check_path};

/// The operations of a path item, by the names of their fields (`OpenAPI` 3.2.0, Path Item Object).
const METHODS: [&str; 9] =
    ["get", "put", "post", "delete", "options", "head", "patch", "trace", "query"];

/// Stands for every parameter. No literal text of a pattern has an escape, so only parameters match it.
const VALUE: &str = "%C3%A9";

type Object = Map<String, Value>;

impl Registry {
    /// Says that every operation of an `OpenAPI` description has a class: one call in a test of a service, and no
    /// operation is published that nobody declared.
    ///
    /// The description is JSON, of version 3. Paths are taken behind the path of each of their `servers`. A parameter
    /// stands for any text: a declaration of `/post/new` does not cover `/post/{id}`, and one of `/files/{*rest}` covers
    /// `/files/{name}`. The method must be declared too.
    ///
    /// # Errors
    ///
    /// `route-uncovered`, naming all [`uncovered`](Self::uncovered) operations; `openapi`, if the description cannot be
    /// read.
    ///
    /// ```
    /// use palisade_route_registry::Registry;
    /// let openapi = r#"{
    ///     "openapi": "3.1.0",
    ///     "servers": [{ "url": "https://api.example/api" }],
    ///     "paths": { "/posts/{id}": { "get": {}, "delete": {} }, "/posts": { "post": {} } }
    /// }"#;
    /// let registry = Registry::builder().public("/api/posts/:id").build()?;
    /// let error = registry.assert_covers(openapi).unwrap_err();
    /// assert_eq!(error.code(), "route-uncovered");
    /// assert_eq!(registry.uncovered(openapi)?, ["POST /api/posts"]);
    /// # Ok::<(), palisade_core::ConfigError>(())
    /// ```
    pub fn assert_covers(&self, openapi: &str) -> Result<(), RegistryError> {
        let uncovered = self.uncovered(openapi)?;
        let Some(first) = uncovered.first() else { return Ok(()) };
        let all = uncovered.join("`, `");
        let expected = format!("a declared route for each of `{all}`");
        Err(RegistryError::new("route-uncovered", "covered operation", first, expected))
    }

    /// The operations of an `OpenAPI` description that no declaration covers, each as its method and its path.
    ///
    /// # Errors
    ///
    /// `openapi`, if the description cannot be read: no JSON, not of version 3, or with parts that are elsewhere (`$ref`
    /// for a whole path).
    pub fn uncovered(&self, openapi: &str) -> Result<Vec<String>, RegistryError> {
        let mut uncovered = Vec::new();
        for (method, path) in operations(openapi)? {
            let filled = fill(&path);
            let found = self.resolve(&method, &filled);
            if check_path(&filled).is_err() || found.declared_for_method().is_none() {
                uncovered.push(format!("{method} {path}"));
            }
        }
        Ok(uncovered)
    }
}

impl Registry {
    /// The declared routes that no operation of an `OpenAPI` description describes, each as its path, with the method where it
    /// is declared for some alone: the reverse of [`uncovered`](Self::uncovered). HEAD follows GET.
    ///
    /// A route that is declared for all methods is described by any operation of its path; which of them its handler
    /// answers is not the registry's to know.
    ///
    /// # Errors
    ///
    /// As [`uncovered`](Self::uncovered).
    ///
    /// ```
    /// use palisade_route_registry::Registry;
    /// let openapi = r#"{ "openapi": "3.1.0", "paths": { "/api/posts/{id}": { "get": {} } } }"#;
    /// let registry = Registry::builder().public("/api/posts/:id").admin("/api/keys").build()?;
    /// assert_eq!(registry.undescribed(openapi)?, ["/api/keys"]);
    /// # Ok::<(), palisade_core::ConfigError>(())
    /// ```
    pub fn undescribed(&self, openapi: &str) -> Result<Vec<String>, RegistryError> {
        let operations = operations(openapi)?;
        let is_described = |method: Option<&Method>, template: &str| {
            operations.iter().any(|(described, path)| {
                path == template && method.is_none_or(|method| method == described)
            })
        };
        let mut undescribed = Vec::new();
        for declared in self.routes() {
            let template = declared.pattern().template();
            match declared.methods() {
                None if is_described(None, &template) => {}
                None => undescribed.push(template),
                Some(methods) => {
                    let lacking =
                        methods.iter().filter(|method| !is_described(Some(method), &template));
                    undescribed.extend(lacking.map(|method| format!("{method} {template}")));
                }
            }
        }
        Ok(undescribed)
    }
}

/// The template with a value for each parameter.
fn fill(template: &str) -> String {
    let (mut path, mut rest) = (String::new(), template);
    while let Some((before, behind)) = rest.split_once('{') {
        path.push_str(before);
        path.push_str(VALUE);
        rest = behind.split_once('}').map_or("", |(_, behind)| behind);
    }
    path.push_str(rest);
    path
}

/// All operations, each with its path behind each of its servers.
fn operations(openapi: &str) -> Result<Vec<(Method, String)>, RegistryError> {
    let value: Value = serde_json::from_str(openapi)
        .map_err(|error| wrong("description", &format!("JSON ({error})")))?;
    let root = object("description", &value)?;
    let version = root.get("openapi").and_then(Value::as_str).unwrap_or_default();
    if !version.starts_with("3.") {
        return Err(wrong("openapi", "`openapi` of version 3"));
    }
    let no_paths = Value::Object(Object::new());
    let paths = object("paths", root.get("paths").unwrap_or(&no_paths))?;
    let mut operations = Vec::new();
    for (path, item) in paths.iter().filter(|(path, _)| !path.starts_with("x-")) {
        if !path.starts_with('/') {
            return Err(wrong(path, "a path with a `/` at the start"));
        }
        let item = object(path, item)?;
        if item.contains_key("$ref") {
            return Err(wrong(path, "its operations in this description, not behind a `$ref`"));
        }
        for (method, operation) in of_item(path, item)? {
            let servers = [operation, item, root].into_iter().find_map(|at| at.get("servers"));
            for base in bases(servers)? {
                operations.push((method.clone(), format!("{base}{path}")));
            }
        }
    }
    Ok(operations)
}

/// The operations of one path item.
fn of_item<'v>(path: &str, item: &'v Object) -> Result<Vec<(Method, &'v Object)>, RegistryError> {
    let usual = METHODS.iter().filter_map(|name| {
        let operation = item.get(*name)?;
        Some((name.to_ascii_uppercase(), operation))
    });
    let others = item.get("additionalOperations").and_then(Value::as_object);
    let others = others.into_iter().flatten().map(|(name, operation)| (name.clone(), operation));
    let read = |(name, operation): (String, &'v Value)| {
        let method = Method::from_bytes(name.as_bytes());
        let method = method.map_err(|_| wrong(path, "operations by the names of methods"))?;
        Ok::<_, RegistryError>((method, object(path, operation)?))
    };
    usual.chain(others).map(read).collect()
}

/// The paths that `servers` put in front of every path.
fn bases(servers: Option<&Value>) -> Result<Vec<String>, RegistryError> {
    let servers = servers.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    if servers.is_empty() {
        return Ok(vec![String::new()]);
    }
    servers.iter().map(base).collect()
}

fn base(server: &Value) -> Result<String, RegistryError> {
    let server = object("servers", server)?;
    let url = server.get("url").and_then(Value::as_str);
    let mut url = url.ok_or_else(|| wrong("servers", "a `url` for each"))?.to_owned();
    let variables = server.get("variables").and_then(Value::as_object);
    for (name, variable) in variables.into_iter().flatten() {
        if let Some(default) = variable.get("default").and_then(Value::as_str) {
            url = url.replace(&format!("{{{name}}}"), default);
        }
    }
    let behind = url.split_once("//").map_or(url.as_str(), |(_, behind)| {
        behind.find('/').and_then(|start| behind.get(start..)).unwrap_or_default()
    });
    let path = behind.split(['?', '#']).next().unwrap_or_default().trim_end_matches('/');
    let slash = if path.is_empty() || path.starts_with('/') { "" } else { "/" };
    Ok(format!("{slash}{path}"))
}

fn object<'v>(place: &str, value: &'v Value) -> Result<&'v Object, RegistryError> {
    value.as_object().ok_or_else(|| wrong(place, "an object"))
}

fn wrong(place: &str, expected: &str) -> RegistryError {
    RegistryError::new("openapi", "part of an OpenAPI description", place, expected)
}
