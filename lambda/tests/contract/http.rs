//! HTTP as browsers, caches, gateways and health checks use it.

use super::function::{Function, trigger};
use super::triggers::{body, get, request};
use serde_json::{Value, json};

#[test]
fn the_function_answers_wherever_it_is_mounted() {
    let mut function = Function::start(&[]);
    for name in ["rest-api-custom-domain", "http-api-custom-domain"] {
        let answer = function.answer(&trigger(name));
        assert_eq!(
            (&answer["statusCode"], &body(&answer)["pi"]),
            (&200.into(), &"3.141592653".into()),
            "{name}"
        );
    }
    for path in ["//pi/10", "/pi//10/", "/%70i/10", "/math/pi/10", "/pi/pi/10"] {
        let answer = function.answer(&get(path, ""));
        assert_eq!(
            (&answer["statusCode"], &body(&answer)["pi"]),
            (&200.into(), &"3.141592653".into()),
            "{path}"
        );
    }
    let balancer =
        trigger("load-balancer-health-check").replace(r#""path": "/""#, r#""path": "/digits/pi/10""#);
    assert_eq!(body(&function.answer(&balancer))["pi"], "3.141592653");
    let stage = json!({"version": "2.0", "rawPath": "/pi/10", "rawQueryString": "", "headers": {},
        "requestContext": {"http": {"method": "GET"}, "stage": "pi", "domainName": "api.example.com"}});
    assert_eq!(body(&function.answer(&stage.to_string()))["pi"], "3.141592653", "a stage of the same name");
    let renamed = json!({"resource": "/spigot/{n}", "path": "/v1/spigot/10", "httpMethod": "GET",
        "headers": {}, "pathParameters": {"n": "10"}, "requestContext": {"stage": "prod"}});
    assert_eq!(
        body(&function.answer(&renamed.to_string()))["pi"],
        "3.141592653",
        "the gateway has matched it"
    );
}

#[test]
fn the_root_has_usage_and_version_for_browsers_and_health_checks() {
    let mut function = Function::start(&[]);
    let stage = trigger("http-api").replace("POST", "GET");
    for event in [get("/", ""), get("", ""), trigger("load-balancer-health-check"), stage] {
        let answer = function.answer(&event);
        assert_eq!(answer["statusCode"], 200, "{answer}");
        let usage = body(&answer);
        assert_eq!(usage["version"], env!("CARGO_PKG_VERSION"));
        assert!(usage["usage"][0].as_str().unwrap().starts_with("GET /pi/"), "{usage}");
        assert_eq!(usage.get("request_id"), None, "a cache may keep it");
    }
    let text = function.answer(&request("GET", "/", "", &[("accept", "text/plain")], ""));
    assert!(text["body"].as_str().unwrap().contains("\nGET /pi/1000\n"), "{text}");
    let head = function.answer(&request("HEAD", "/", "", &[], ""));
    assert_eq!((&head["statusCode"], &head["body"]), (&200.into(), &"".into()));
    let digits = function.answer(&get("/", "digits=10"));
    assert_eq!(body(&digits)["pi"], "3.141592653", "the root takes the query of /pi");
}

#[test]
fn the_usage_of_the_function_is_true() {
    let mut function = Function::start(&[]);
    let usage = body(&function.answer(&get("/", "")))["usage"].clone();
    for line in usage.as_array().unwrap().iter().map(|line| line.as_str().unwrap()) {
        let event = match line.strip_prefix("GET ") {
            Some(target) => {
                let (path, query) = target.split_once('?').unwrap_or((target, ""));
                // The digest of ten million digits takes long in a debug build.
                get(path, &query.replace("10_000_000", "10_000"))
            }
            None => {
                let json = line.split_once("with ").unwrap().1.split_once(", or").unwrap().0;
                request("POST", "/", "", &[], json)
            }
        };
        assert_eq!(function.answer(&event)["statusCode"], 200, "{line}");
    }
}

#[test]
fn a_shared_cache_gets_only_what_is_the_same_for_all_callers() {
    let mut function = Function::start(&[]);
    for accept in ["application/json", "text/plain"] {
        for (path, query) in [("/pi/10", ""), ("/pi/10", "output=digest"), ("/", ""), ("/tau", "")] {
            let answer = function.answer(&request("GET", path, query, &[("accept", accept)], ""));
            let cache = answer["headers"]["cache-control"].as_str().unwrap();
            let text = answer["headers"]["content-type"].as_str().unwrap().starts_with("text/plain");
            assert_eq!(cache.contains("immutable"), text && path == "/pi/10", "{accept} {path}: {cache}");
            if cache.starts_with("public") {
                assert_eq!(answer["headers"].get("x-amzn-trace-id"), None, "{answer}");
                assert!(!answer["body"].as_str().unwrap().contains("request_id"), "{answer}");
            }
        }
    }
}

#[test]
fn a_tag_is_compared_only_if_the_request_is_good() {
    let mut function = Function::start(&[]);
    let any = [("if-none-match", "*")];
    for (path, query, status) in [
        ("/pi/10", "", 304),
        ("/pi/100000000000", "output=digest", 413),
        ("/pi/7000000", "", 413),
        ("/pi/10", "output=stream", 400),
        ("/pi/ten", "", 400),
        ("/tau", "", 404),
    ] {
        for method in ["GET", "HEAD"] {
            let answer = function.answer(&request(method, path, query, &any, ""));
            assert_eq!(answer["statusCode"], status, "{method} {path} {query}");
        }
    }
}

#[test]
fn errors_to_head_have_no_body() {
    for variables in [&[][..], &[("PI_STREAM", "1")]] {
        let mut function = Function::start(variables);
        for (path, status) in [("/pi/400000000", 413), ("/pi/ten", 400), ("/tau", 404)] {
            let event = request("HEAD", path, "", &[], "");
            if variables.is_empty() {
                let answer = function.answer(&event);
                assert_eq!((&answer["statusCode"], &answer["body"]), (&status.into(), &"".into()), "{path}");
            } else {
                let whole = function.stream(&event).0.concat();
                assert!(whole.ends_with(&[0; 8]), "nothing behind the prelude of {path}");
                let head: Value = serde_json::from_slice(&whole[..whole.len() - 8]).unwrap();
                assert_eq!(head["statusCode"], status, "{path}");
            }
        }
    }
}

#[test]
fn a_browser_may_sign_its_requests_and_read_the_tag() {
    let mut function = Function::start(&[]);
    let asked = [("origin", "https://example.com"), ("access-control-request-method", "POST")];
    let options = function.answer(&request("OPTIONS", "/pi", "", &asked, ""));
    assert_eq!(options["statusCode"], 204);
    let allowed = options["headers"]["access-control-allow-headers"].as_str().unwrap();
    for name in
        ["authorization", "content-type", "x-amz-date", "x-amz-security-token", "x-amz-content-sha256"]
    {
        assert!(allowed.split(", ").any(|known| known == name), "{name} in {allowed}");
    }
    let tagged = function.answer(&get("/pi/10", ""));
    let tag = tagged["headers"]["etag"].as_str().unwrap().to_owned();
    for event in [
        get("/pi/10", ""),
        get("/tau", ""),
        request("POST", "/", "", &[], r#"{"digits": 1}"#),
        request("GET", "/pi/10", "", &[("if-none-match", &tag)], ""),
    ] {
        let headers = function.answer(&event)["headers"].clone();
        assert_eq!(headers["access-control-allow-origin"], "*");
        let exposed = headers["access-control-expose-headers"].as_str().unwrap();
        for name in ["etag", "pi-reused", "x-amzn-trace-id"] {
            assert!(exposed.split(", ").any(|known| known == name), "{name} in {exposed}");
        }
    }
}

#[test]
fn only_a_function_url_is_streamed() {
    let mut function = Function::start(&[("PI_STREAM", "1")]);
    for name in ["http-api", "http-api-custom-domain", "rest-api", "load-balancer"] {
        let answer = function.answer(&trigger(name));
        assert_eq!(answer["statusCode"], 200, "{name} gets a whole answer: {answer}");
    }
    let text = trigger("http-api-custom-domain").replace("*/*", "text/plain");
    assert_eq!(function.answer(&text)["body"], "3.141592653");
    let (pieces, _) = function.stream(&trigger("function-url"));
    assert!(pieces.concat().windows(8).any(|window| window == [0; 8]), "the prelude of a stream");
}

#[test]
fn a_body_that_is_not_base64_is_named() {
    let mut function = Function::start(&[]);
    for wrong in ["{\\\"digits\\\": 10}", "eyJkaWdpdHM", "%%%%"] {
        let event =
            trigger("http-api").replace("eyJkaWdpdHMiOiAiMTBfMDAwIiwgIm91dHB1dCI6ICJkaWdlc3QifQ==", wrong);
        let answer = function.answer(&event);
        assert_eq!(
            (&answer["statusCode"], &body(&answer)["errorType"]),
            (&400.into(), &"InvalidBase64".into())
        );
        let message = body(&answer)["errorMessage"].clone();
        assert!(message.as_str().unwrap().contains("`isBase64Encoded`"), "{message}");
    }
}

#[test]
fn an_error_in_a_body_says_that_it_is_there() {
    let mut function = Function::start(&[]);
    for (sent, words) in [
        ("ten", "the body is not JSON (expected"),
        ("", "the body is empty"),
        ("[10]", "the body is an array"),
        ("{}", "the field `digits` is missing in the body"),
    ] {
        let answer = body(&function.answer(&request("POST", "/", "", &[], sent)));
        assert!(answer["errorMessage"].as_str().unwrap().contains(words), "{answer}");
    }
    let answer = body(&function.answer(&get("/pi", "")));
    assert!(answer["errorMessage"].as_str().unwrap().contains("GET /pi?digits="), "{answer}");
}

#[test]
fn what_costs_the_owner_is_the_owners_to_allow() {
    for (name, variable) in [("metrics", "PI_METRICS"), ("reuse", "PI_REUSE")] {
        let events = [
            get("/pi/10", &format!("{name}=1")),
            get("/pi/10", &format!("{name}=true")),
            request("POST", "/", "", &[], &format!(r#"{{"digits": 10, "{name}": true}}"#)),
        ];
        let off = get("/pi/10", &format!("{name}=0"));
        let mut function = Function::start(&[]);
        for event in &events {
            let answer = function.answer(event);
            assert_eq!(
                (&answer["statusCode"], &body(&answer)["errorType"]),
                (&403.into(), &"NotAllowed".into())
            );
            assert!(!answer["body"].as_str().unwrap().contains(variable), "{answer}");
        }
        assert_eq!(function.answer(&off)["statusCode"], 200);
        let log = function.log.text();
        assert!(!log.contains("_aws") && log.contains(&format!("variable {variable}")), "{log}");
        for value in ["allow", "1"] {
            let mut function = Function::start(&[(variable, value)]);
            for event in &events {
                assert_eq!(function.answer(event)["statusCode"], 200, "{variable}={value}");
            }
            let log = function.log.text();
            assert_eq!(log.contains("_aws"), name == "metrics", "{log}");
            assert_eq!(log.contains("reused="), name == "reuse", "{log}");
        }
        let mut function = Function::start(&[]);
        function.respond(&format!(r#"{{"digits": 10, "{name}": true}}"#));
    }
}

#[test]
fn the_owner_reads_the_remedy_and_a_visitor_a_plain_sentence() {
    let mut function = Function::start(&[]);
    let answer = function.answer(&get("/pi/1000000000", "output=digest"));
    let message = body(&answer)["errorMessage"].as_str().unwrap().to_owned();
    assert!(message.contains("for example GET /pi?digits=") && !message.contains("aws "), "{message}");
    assert!(function.log.text().contains("aws lambda update-function-configuration --memory-size"));
}

#[test]
fn a_query_of_too_many_parameters_is_an_http_error() {
    let mut function = Function::start(&[]);
    let many = "a&".repeat(1001);
    let list = format!(r#""digits": [{}"1"]"#, r#""1","#.repeat(1000));
    let balancer =
        trigger("load-balancer-multi-value").replace("\"digits\": [\n      \"1000\"\n    ]", &list);
    for event in [get("/pi", &many), get("/", &many), balancer] {
        let answer = function.answer(&event);
        assert_eq!(
            (&answer["statusCode"], &body(&answer)["errorType"]),
            (&400.into(), &"InvalidPayload".into())
        );
        let message = body(&answer)["errorMessage"].clone();
        assert!(message.as_str().unwrap().starts_with("the query is a list of more than 1000"), "{message}");
    }
}
