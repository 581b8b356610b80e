"""What all routes share: dependencies, middleware, answers, OpenAPI."""
