"""The site's doors, by noun: filter set or queryset, page, template. Each starts from `published()`."""
