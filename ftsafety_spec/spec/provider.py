"""What a provider file may say: which engine or API answers, where, at what price.
Given a composed `providers/NAME.yaml`, gives a frozen `Provider`. Secrets are named, never held."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, model_validator

from ftsafety_spec.spec.common import Model, Name, Text

ProviderKind = Literal["llamacpp", "local", "openai", "anthropic", "openai_compatible", "recorded", "inspect"]


class Prices(Model):
    """US dollars for a million tokens."""

    input: float = Field(ge=0, description="USD per million input tokens")
    output: float = Field(ge=0, description="USD per million output tokens")


class Provider(Model):
    """A provider definition: one engine or API with its settings."""

    title: Text
    kind: ProviderKind = Field(description="Which adapter speaks to it")
    inspect_name: Name | None = Field(None, description="kind inspect: the Inspect provider, for example vllm")
    base_url: str | None = Field(None, pattern=r"^https?://", description="Address of the API or server")
    base_url_env: str | None = Field(
        None, pattern=r"^[A-Z][A-Z0-9_]*$", description="Environment variable that holds the address"
    )
    api_key_env: str | None = Field(
        None, pattern=r"^[A-Z][A-Z0-9_]*$", description="Environment variable that holds the key; never the key"
    )
    azure_api_version: str | None = Field(
        None, pattern=r"^\d{4}-\d\d-\d\d(-preview)?$", description="kind openai: Azure OpenAI, by this API version"
    )
    jobs: Literal["together", "fireworks", "mistral"] | None = Field(
        None, description="kind openai_compatible: whose form of fine-tuning jobs the provider speaks"
    )
    concurrency: int = Field(8, ge=1, le=1000, description="Requests in flight (local: prompts in a batch)")
    threads: int | None = Field(None, ge=1, le=1024, description="Local engines: CPU threads")
    context_tokens: int = Field(2048, ge=128, le=2_000_000, description="Local engines: tokens of context a request")
    device: str | None = Field(None, max_length=40, description="Local engines: cpu, cuda, cuda:1, mps")
    dtype: Literal["float32", "bfloat16", "float16"] | None = Field(None, description="Local engines: number format")
    retries: int = Field(6, ge=0, le=100, description="Tries again after a failed call, with growing pauses")
    timeout: float = Field(120, gt=0, le=86_400, description="Seconds that one call may take")
    prices: Prices | None = Field(None, description="Overrides the built-in price list")
    args: dict[str, Any] = Field(default_factory=dict, description="kind inspect: arguments of its model class")

    @model_validator(mode="after")
    def _inspect_needs_a_name(self) -> Provider:
        if self.kind == "inspect" and self.inspect_name is None:
            raise ValueError("kind inspect needs inspect_name, for example vllm")
        if self.azure_api_version is not None and (self.kind != "openai" or not (self.base_url or self.base_url_env)):
            raise ValueError("azure_api_version goes with kind openai and an address")
        if self.jobs is not None and self.kind != "openai_compatible":
            raise ValueError("jobs goes with kind openai_compatible")
        if self.kind == "openai_compatible" and self.base_url is None and self.base_url_env is None:
            raise ValueError("kind openai_compatible needs base_url or base_url_env")
        return self
