"""All models. Each module is one group; `docs/reference/data-model.md` draws their relationships."""

from practices.models.active_editor import ActiveEditor
from practices.models.actors import Actor, Publication
from practices.models.change_log import ChangeLogEntry
from practices.models.children import Corridor, Participation, Place, Source
from practices.models.content_version import ContentVersion
from practices.models.history import AuditEntry, Import, ReferenceVersion, Revision
from practices.models.images import Image
from practices.models.lessons import Lesson
from practices.models.practice import FormerSlug, Practice
from practices.models.reference import ActorType, Country, Objective, Region, Theme
from practices.models.search import IndexedLesson, IndexedPractice, VocabularyWord
from practices.models.session import Session
from practices.models.synonym import Synonym
from practices.models.user import SecondFactor, User
