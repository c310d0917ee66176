"""A fabfile without a task, and nothing imported."""
