"""People and roles: what the administrator gives, and what a role may do."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.contrib.auth.models import Group, Permission
from django.urls import reverse

from accounts.models import User
from accounts.roles import PERMISSIONS, Role, codenames, sync_roles
from enterprises.scoping import Scope

LIST, ADD = reverse("accounts:user-list"), reverse("accounts:user-add")
PASSWORD = "long enough 314"


@pytest.fixture
def administered(client, administrator):
    client.force_login(administrator)
    return client


def typed(**changes: object) -> dict[str, object]:
    return {
        "username": "li", "display_name": "李四", "role": "trader", "is_active": "on", "password": PASSWORD, **changes,
    }  # fmt: skip


def edit(client, user: User, **changes: object):
    return client.post(reverse("accounts:user-edit", args=[user.pk]), typed(username=user.username, **changes))


def test_a_new_person_can_sign_in(administered, client):
    assert administered.post(ADD, typed()).status_code == 302
    user = User.objects.get(username="li")
    assert [group.name for group in user.groups.all()] == ["trader"]
    assert client.login(username="li", password=PASSWORD)


def test_the_password_is_kept_as_a_hash(administered):
    administered.post(ADD, typed())
    assert PASSWORD not in str(User.objects.filter(username="li").values().get())


def test_an_empty_password_keeps_the_present_one(administered, clerk):
    assert edit(administered, clerk, password="").status_code == 302
    assert User.objects.get(pk=clerk.pk).check_password("pass")


def test_a_new_password_replaces_the_old_one(administered, clerk):
    edit(administered, clerk)
    clerk.refresh_from_db()
    assert clerk.check_password(PASSWORD)
    assert not clerk.check_password("pass")


def test_the_password_is_shown_to_nobody(administered, clerk):
    for address in ("accounts:user-edit", "accounts:user-detail"):
        assert clerk.password not in administered.get(reverse(address, args=[clerk.pk])).text


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("password", ""), ("password", "short"), ("password", "password"), ("username", ""), ("username", "a b"),
        ("username", "x" * 61), ("username", "\0"), ("role", ""), ("role", "emperor"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_beside_its_field(administered, field, value):
    page = administered.post(ADD, typed(**{field: value}))
    assert page.status_code == 422
    assert page.context["form"].errors[field]


def test_a_name_is_taken_once(administered, clerk):
    assert "username" in administered.post(ADD, typed(username=clerk.username)).context["form"].errors


def test_an_officer_belongs_to_an_authority_and_nobody_else_does(administered, officer):
    authority = officer.authority.pk
    assert "authority" in administered.post(ADD, typed(role="officer")).context["form"].errors
    assert "authority" in administered.post(ADD, typed(authority=authority)).context["form"].errors
    assert administered.post(ADD, typed(role="officer", authority=authority)).status_code == 302


def test_a_new_role_replaces_the_old_one(administered, laboratory):
    edit(administered, laboratory, role="trader")
    assert [group.name for group in laboratory.groups.all()] == ["trader"]


def test_who_is_locked_out_is_out_at_once(administered, client, clerk):
    edit(administered, clerk, is_active="")
    client.force_login(User.objects.get(pk=clerk.pk))
    assert client.get(reverse("home"))["Location"].startswith("/accounts/login/")


def test_nobody_is_deleted(administered, clerk):
    assert administered.post(f"{LIST}{clerk.pk}/delete/").status_code == 404
    assert User.objects.filter(pk=clerk.pk).exists()


def test_people_are_found_by_name_and_authority(administered, officer, clerk):
    assert [row.username for row in administered.get(LIST, {"q": "nang"}).context["page"]] == ["nangang"]
    narrowed = administered.get(LIST, {"authority": officer.authority.pk}).context["page"]
    assert [row.username for row in narrowed] == ["nangang"]


@pytest.mark.parametrize("who", ["clerk", "officer", "laboratory"])
def test_accounts_are_the_administrator_s_business_alone(client, request, who):
    client.force_login(request.getfixturevalue(who))
    assert client.get(LIST).status_code == 403
    assert not User.objects.visible_to(Scope.of(request.getfixturevalue(who))).exists()


def test_a_change_is_remembered_without_the_password(administered, clerk, administrator):
    edit(administered, clerk, display_name="改了名")
    event = clerk.events.order_by("-pgh_id").first()
    assert event.display_name == "改了名"
    assert event.pgh_context.metadata["user"] == administrator.pk
    assert not hasattr(event, "password")


# Roles


@pytest.mark.parametrize("role", Role)
def test_a_role_s_group_has_exactly_its_permissions(db, role):
    given = Permission.objects.filter(group__name=role).values_list("content_type__app_label", "codename")
    assert set(given) == codenames(role)


def test_what_somebody_added_to_a_role_by_hand_is_taken_back(db):
    group = Group.objects.get(name=Role.LABORATORY)
    group.permissions.add(Permission.objects.get(codename="delete_user"))
    sync_roles()
    assert {permission.codename for permission in group.permissions.all()} == {"view_product"}


@pytest.mark.parametrize("role", PERMISSIONS)
def test_every_permission_of_a_role_exists(db, role):
    for app, codename in codenames(role):
        assert Permission.objects.filter(content_type__app_label=app, codename=codename).exists(), (app, codename)


def test_no_role_may_delete_what_papers_point_to():
    kept = {"enterprises.enterprise", "catalog.product", "certificates.licence", "accounts.user"}
    assert all(apps.get_model(label) for label in kept)
    assert not [role for role in Role for label in kept if "delete" in PERMISSIONS[role].get(label, ())]


def test_who_sets_up_an_installation_sees_everything(db):
    user = User.objects.create_superuser("root", PASSWORD)
    assert Scope.of(user).everything


def test_an_account_without_a_password_lets_nobody_in(db, client):
    User.objects.create_user("ghost")
    assert not client.login(username="ghost", password="")
