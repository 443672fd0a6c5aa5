"""The site's addresses."""

from django.urls import path, re_path

from practices import downloads
from practices.views import actors, home, lists, machines, places, practice, themes

urlpatterns = [
    path("", home.home, name="home"),
    # /practices/
    path("practices/", lists.practice_list, name="practices"),
    path("practices/<slug:slug>/", practice.practice, name="practice"),
    path("practices/<slug:slug>/cite.bib", downloads.bibtex, name="cite-bib"),
    path("practices/<slug:slug>/cite.ris", downloads.ris, name="cite-ris"),
    # /lessons/
    path("lessons/", lists.lesson_list, name="lessons"),
    # ways in
    path("countries/", places.country_list, name="countries"),
    re_path(r"^countries/(?P<code>[A-Za-z0-9]{2})/$", places.country, name="country"),
    re_path(r"^corridors/(?P<code>[A-Za-z0-9]{2}-[A-Za-z0-9]{2})/$", places.corridor, name="corridor"),
    path("actors/", actors.actor_list, name="actors"),
    path("actors/<slug:slug>/", actors.actor, name="actor"),
    path("themes/", themes.theme_list, name="themes"),
    path("themes/<slug:slug>/", themes.theme, name="theme"),
    # for the search box
    path("suggest/", machines.suggest, name="suggest"),
    # for machines
    path("robots.txt", machines.robots, name="robots"),
    path("favicon.ico", machines.icon),
]
