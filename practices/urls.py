"""The site's addresses."""

from django.urls import path

from practices import views

urlpatterns = [
    path("", views.home, name="home"),
    # /practices/
    path("practices/", views.practice_list, name="practices"),
    path("practices/<slug:slug>/", views.practice, name="practice"),
    # ways in
    path("countries/", views.country_list, name="countries"),
    path("countries/<str:code>/", views.country, name="country"),
    path("themes/", views.theme_list, name="themes"),
    path("themes/<slug:slug>/", views.theme, name="theme"),
    # for machines
    path("robots.txt", views.robots, name="robots"),
]
