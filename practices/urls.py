"""The site's addresses."""

from django.urls import path, re_path

from practices import downloads, views

urlpatterns = [
    path("", views.home, name="home"),
    # /practices/
    path("practices/", views.practice_list, name="practices"),
    path("practices/<slug:slug>/", views.practice, name="practice"),
    path("practices/<slug:slug>/cite.bib", downloads.bibtex, name="cite-bib"),
    path("practices/<slug:slug>/cite.ris", downloads.ris, name="cite-ris"),
    # /lessons/
    path("lessons/", views.lesson_list, name="lessons"),
    # ways in
    path("countries/", views.country_list, name="countries"),
    re_path(r"^countries/(?P<code>[A-Za-z0-9]{2})/$", views.country, name="country"),
    path("themes/", views.theme_list, name="themes"),
    path("themes/<slug:slug>/", views.theme, name="theme"),
    # for the search box
    path("suggest/", views.suggest, name="suggest"),
    # for machines
    path("robots.txt", views.robots, name="robots"),
    path("favicon.ico", views.icon),
]
