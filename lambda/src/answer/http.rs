//! The answer to an HTTP request.

use super::{Answered, Record, Reply};
use crate::compute::{Stream, compute};
use crate::context::Context;
use crate::contract::http::{Answer, Content, Http, Read, Route, Service, route};
use crate::contract::json;
use crate::contract::request::{self, Fields};
use crate::contract::{Channel, EventError, Output, Request};
use crate::limits::Stopping;

/// What is known while an answer is made.
struct Exchange<'a> {
    http: &'a Http<'a>,
    context: &'a Context<'a>,
    record: Record,
    stopping: Option<Stopping>,
}

/// A digits' answer as its method wants it: cached for ever, or not at all.
type Finish = fn(&Request, Content, String) -> Answer;

/// Answers an HTTP request; errors are answers too, with their status.
pub(crate) fn answer(http: &Http<'_>, context: &Context<'_>) -> Answered {
    let record = Record::new(http.service.name());
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
            Route::Options(allowed) => Ok(self.send(Answer::options(allowed))),
            Route::Digits(request, read) => self.read(request, read),
            Route::Post(body) => self.post(&body),
        }
    }

    fn read(&mut self, request: Request, read: Read) -> Result<Reply, EventError> {
        let content = self.content(&request)?;
        if let Some(answer) = Answer::not_modified(self.http, &request, content) {
            self.record.request = Some(request);
            return Ok(self.send(answer));
        }
        match read {
            Read::Get => self.digits(request, content, Answer::lasting),
            Read::Head => {
                self.context.capacity.admit(&request, self.channel(), self.context.deadline)?;
                Ok(self.send(Answer::lasting(&request, content, String::new())))
            }
        }
    }

    fn post(&mut self, body: &[u8]) -> Result<Reply, EventError> {
        let members = request::members(body)?;
        let mut fields = Fields::of(&members);
        if let Some(op) = fields.operation() {
            let answer = op?.answer(self.context);
            return Ok(self.send(Answer::json(200, json::text(&answer))));
        }
        let request = fields.into_request()?;
        let content = self.content(&request)?;
        self.digits(request, content, |_, content, body| Answer::posted(content, body))
    }

    /// The form that the caller prefers and that this output has: a digest is JSON, a stream text.
    fn content(&self, request: &Request) -> Result<Content, EventError> {
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
            let digits = Stream::start(&mut self.record, request, content.gzip, self.context)?;
            let answer = self.traced(finish(&request, content, String::new()));
            return Ok(Reply::Stream(Box::new(Stream::behind(&answer, digits))));
        }
        let channel = self.channel();
        let (response, stopping) = compute(&mut self.record, request, channel, self.context);
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
        match self.http.service {
            Service::LoadBalancer => Channel::LoadBalancer,
            _ if self.streams() => Channel::Stream,
            _ => Channel::Whole,
        }
    }

    /// Whether this answer is streamed; a load balancer cannot take one.
    fn streams(&self) -> bool {
        self.context.settings.stream && self.http.service != Service::LoadBalancer
    }

    fn traced(&mut self, answer: Answer) -> Answer {
        self.record.status = Some(answer.status);
        answer.reused(self.record.reused).traced(self.context.trace_id)
    }

    fn send(&mut self, answer: Answer) -> Reply {
        let answer = self.traced(answer);
        if self.streams() {
            return Reply::Stream(Box::new(Stream::of_answer(answer)));
        }
        Reply::Whole(answer.into_event(self.http))
    }
}
