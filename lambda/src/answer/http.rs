//! Answers to HTTP requests; errors are answers too, with their status.

use super::answered::{Answered, Reply};
use super::record::Record;
use super::streamed::takes_stream;
use crate::compute::{self, Computed, Done, Facts, Stream, compute, operation, stream};
use crate::context::Context;
use crate::contract::hex::Hex;
use crate::contract::http::{Answer, Content, Http, Route, route};
use crate::contract::request::{Fields, members};
use crate::contract::{Channel, EventError, Operation, Output, Place, Request, json};
use crate::limits::Stopping;

/// The state of an answer in the making.
struct Exchange<'a> {
    http: &'a Http<'a>,
    context: &'a Context<'a>,
    record: Record,
    stopping: Option<Stopping>,
}

/// The headers of an answer with digits, which depend on the method.
type Finish = fn(&Request, Content, String) -> Answer;

/// Answers an HTTP request.
pub(super) fn answer(http: &Http<'_>, context: &Context<'_>) -> Answered {
    let record = Record::new(http.trigger);
    let mut exchange = Exchange { http, context, record, stopping: None };
    let reply = exchange.reply().unwrap_or_else(|error| {
        let answer = Answer::error(&error);
        exchange.record.error = Some(error);
        exchange.send(answer)
    });
    Answered { stopping: exchange.stopping, ..Answered::of(reply, exchange.record) }
}

impl Exchange<'_> {
    fn reply(&mut self) -> Result<Reply, EventError> {
        match route(self.http)? {
            Route::Usage => Ok(self.send(Answer::usage(self.http))),
            Route::Options(allowed) => Ok(self.send(Answer::options(allowed))),
            Route::Digits(request) => self.read(request),
            Route::Post(body) => self.post(&body),
        }
    }

    /// Answers GET and HEAD. The request is checked before its headers: RFC 9110 asks for an error
    /// where one is due, not for 304.
    fn read(&mut self, request: Request) -> Result<Reply, EventError> {
        let content = self.content(&request)?;
        let known = Answer::not_modified(self.http, &request, content);
        if known.is_none() && !self.is_head() {
            return self.digits(request, content, Answer::lasting);
        }
        let request = self.context.settings.applied(request);
        self.record.note(Facts::of(request));
        self.context.capacity.admit(&request, self.channel(), self.context.deadline)?;
        let answer = known.unwrap_or_else(|| Answer::lasting(&request, content, String::new()));
        Ok(self.send(answer))
    }

    fn post(&mut self, body: &[u8]) -> Result<Reply, EventError> {
        let members = members(Place::Body, body)?;
        if let Some(request) = Hex::of(&members) {
            return self.hex(request);
        }
        let mut fields = Fields::of(&members, Place::Body);
        if let Some(op) = fields.operation() {
            let op = op?;
            self.record.operation = Some(op);
            let answer = operation(op, self.context);
            return Ok(self.send(Answer::operation(json::text(&answer))));
        }
        let request = fields.into_request()?;
        let content = self.content(&request)?;
        self.digits(request, content, Answer::posted)
    }

    fn hex(&mut self, request: Result<(Operation, Hex), EventError>) -> Result<Reply, EventError> {
        let (op, request) = request?;
        self.record.operation = Some(op);
        let Done { answer, compute, stopping } = compute::hex(request, self.context);
        (self.record.compute, self.stopping) = (compute, stopping);
        let answer = Answer::operation(answer?.get().to_owned());
        Ok(self.send(answer))
    }

    /// The form that the caller prefers and the output has: a digest is JSON, a stream is text.
    fn content(&self, request: &Request) -> Result<Content, EventError> {
        self.context.settings.check_anonymous(request)?;
        let content = Content::of(self.http, request);
        match request.output {
            Output::Stream if !self.streams() => Err(EventError::StreamNotEnabled),
            Output::Stream => Ok(Content { text: true, ..content }),
            Output::Digest => Ok(Content { text: false, ..content }),
            Output::Digits => Ok(content),
        }
    }

    fn digits(&mut self, request: Request, content: Content, finish: Finish) -> Result<Reply, EventError> {
        if self.streams() && content.text {
            let (digits, facts) = stream(request, content.gzip, self.context);
            self.record.note(facts);
            let digits = digits?;
            let answer = self.finished(finish(&request, content, String::new()));
            return Ok(Reply::Stream(Box::new(Stream::behind(&answer, digits))));
        }
        let Computed { response, facts, stopping } = compute(request, self.channel(), self.context);
        self.record.note(facts);
        self.stopping = stopping;
        let response = response?;
        let body = if content.text {
            response.pi.unwrap_or_default()
        } else {
            json::text(&response.with_id(self.context.request_id))
        };
        Ok(self.send(finish(&request, content, body)))
    }

    fn channel(&self) -> Channel {
        if self.streams() { Channel::Stream } else { self.http.trigger.channel() }
    }

    fn streams(&self) -> bool {
        takes_stream(self.http.trigger, self.context.settings)
    }

    fn is_head(&self) -> bool {
        self.http.method == "HEAD"
    }

    fn finished(&mut self, answer: Answer) -> Answer {
        self.record.status = Some(answer.status);
        answer.reused(self.record.reused).traced(self.context.trace_id)
    }

    fn send(&mut self, answer: Answer) -> Reply {
        let answer = if self.is_head() { answer.without_body() } else { answer };
        let answer = self.finished(answer);
        if self.streams() {
            return Reply::Stream(Box::new(Stream::of_answer(answer)));
        }
        Reply::Whole(answer.into_event(self.http))
    }
}
