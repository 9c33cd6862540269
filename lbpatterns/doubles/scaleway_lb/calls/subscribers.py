"""Subscribers: who is told about a load balancer's state. Nobody is ever told anything."""

from typing import Any

from lbpatterns.doubles.scaleway_lb import find
from lbpatterns.doubles.scaleway_lb.bodies.lbs import CreateSubscriber, ListSubscribers, Subscribe, UpdateSubscriber
from lbpatterns.doubles.scaleway_lb.call import Ask, Call
from lbpatterns.doubles.scaleway_lb.calls.lbs import ZONE, changeable
from lbpatterns.doubles.scaleway_lb.calls.owner import owner_of
from lbpatterns.doubles.scaleway_lb.errors import invalid_argument
from lbpatterns.doubles.scaleway_lb.lists import here, named, ordered, owned, page
from lbpatterns.doubles.scaleway_lb.pools import new_id
from lbpatterns.doubles.scaleway_lb.records import Subscriber

Way = dict[str, Any] | None


def _ways(body: CreateSubscriber | UpdateSubscriber) -> tuple[Way, Way]:
    """The e-mail or the webhook; the other is None."""
    if (body.email_config is None) == (body.webhook_config is None):
        raise invalid_argument("email_config", "constraint", "send precisely one of email_config and webhook_config")
    return (
        None if body.email_config is None else body.email_config.model_dump(),
        None if body.webhook_config is None else body.webhook_config.model_dump(),
    )


def create_subscriber(ask: Ask) -> Any:
    """A subscriber."""
    body = ask.body_as(CreateSubscriber)
    email, webhook = _ways(body)
    subscriber = Subscriber(
        id=new_id(),
        place=ask.place,
        created_at=ask.now,
        updated_at=ask.now,
        project_id=owner_of(body),
        name=body.name,
        email_config=email,
        webhook_config=webhook,
    )
    ask.state.subscribers[subscriber.id] = subscriber
    return ask.views.subscriber(subscriber)


def list_subscribers(ask: Ask) -> Any:
    """The subscribers of a zone."""
    query = ask.query_as(ListSubscribers)
    found = named(owned(here(ask.state.subscribers.values(), ask.place), query), query.name, lambda one: one.name)
    return page(ordered(found, query.order_by), query, "subscribers", ask.views.subscriber)


def get_subscriber(ask: Ask) -> Any:
    """One subscriber."""
    return ask.views.subscriber(find.subscriber(ask, ask.ids["subscriber_id"]))


def update_subscriber(ask: Ask) -> Any:
    """All of it."""
    body, subscriber = ask.body_as(UpdateSubscriber), find.subscriber(ask, ask.ids["subscriber_id"])
    subscriber.email_config, subscriber.webhook_config = _ways(body)
    subscriber.name, subscriber.updated_at = body.name, ask.now
    return ask.views.subscriber(subscriber)


def delete_subscriber(ask: Ask) -> Any:
    """Load balancers that had it have none from now on."""
    subscriber = find.subscriber(ask, ask.ids["subscriber_id"])
    del ask.state.subscribers[subscriber.id]
    for lb in ask.state.lbs.values():
        if lb.subscriber_id == subscriber.id:
            lb.subscriber_id = None


def subscribe(ask: Ask) -> Any:
    """Answers the load balancer."""
    lb = changeable(find.lb(ask, ask.ids["lb_id"]))
    lb.subscriber_id = find.subscriber(ask, ask.body_as(Subscribe).subscriber_id).id
    return ask.views.lb(lb)


def unsubscribe(ask: Ask) -> Any:
    """Answers the load balancer."""
    lb = changeable(find.lb(ask, ask.ids["lb_id"]))
    lb.subscriber_id = None
    return ask.views.lb(lb)


ONE = f"{ZONE}/subscribers/{{subscriber_id}}"

CALLS = (
    Call("GET", f"{ZONE}/subscribers", list_subscribers, "documented", query=ListSubscribers),
    Call("POST", f"{ZONE}/subscribers", create_subscriber, "documented", body=CreateSubscriber),
    Call("GET", ONE, get_subscriber, "documented"),
    Call("PUT", ONE, update_subscriber, "documented", body=UpdateSubscriber),
    Call("DELETE", f"{ZONE}/lb/subscription/{{subscriber_id}}", delete_subscriber, "documented", 204),
    Call("POST", f"{ZONE}/lb/{{lb_id}}/subscribe", subscribe, "documented", body=Subscribe),
    Call("DELETE", f"{ZONE}/lb/{{lb_id}}/unsubscribe", unsubscribe, "documented"),
)
