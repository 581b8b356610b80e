"""Every SQL statement about reports, their cases, and the evidence in them."""

from app.moderation.repository.evidence import EvidenceRepository
from app.moderation.repository.reports import ModerationRepository

__all__ = ["EvidenceRepository", "ModerationRepository"]
